export function Mark() {
  return (
    <svg class="logo" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="2.6" fill="currentColor" />
      <ellipse cx="12" cy="12" rx="10.5" ry="5.2" stroke="currentColor" stroke-width="1.3" transform="rotate(-24 12 12)" />
      <circle cx="21.1" cy="7.2" r="1.9" fill="var(--accent)" />
    </svg>
  );
}

"""A strategy of one's own for `portfolio: {strategy: python, class: own_strategy.py:Buffered, params: {k: 20}}`."""


class Buffered:
    """Holds k names with equal weights; a held name stays until it falls below rank `keep`."""

    def __init__(self, k: int = 20, keep: int = 40) -> None:
        self.k = k
        self.keep = keep

    def decide(self, date, scores, holdings, tradable):  # noqa: ARG002
        """Decides after the close of `date`.

        scores: {symbol: score}, best first; holdings: {symbol: weight now}; tradable: set of symbols with a bar today.
        Returns {symbol: wanted weight}, names left out are sold; or None to leave everything as it is.
        """
        rank = {symbol: place for place, symbol in enumerate(scores)}
        kept = [symbol for symbol in holdings if rank.get(symbol, self.keep) < self.keep]
        kept.sort(key=rank.__getitem__)
        for symbol in scores:
            if len(kept) >= self.k:
                break
            if symbol in tradable and symbol not in holdings:
                kept.append(symbol)
        return {symbol: 1.0 / len(kept) for symbol in kept[: self.k]} if kept else None

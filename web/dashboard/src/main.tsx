import { render } from "preact";
import { startPolling } from "./api/resource";
import { App } from "./app";
import { lookAgain } from "./state/session";
import { startTheme } from "./state/theme";
import "./style.css";

startTheme();
startPolling();
void lookAgain();
const place = document.getElementById("app");
if (place) render(<App />, place);

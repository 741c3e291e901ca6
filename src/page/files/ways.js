// The person's ways to sign in, as root has written them down; without that, the phones that the daemon knows.

import { el, outside } from "./dom.js";
import { dayOf, t } from "./texts.js";

// With so few recovery codes left it is time for new ones.
const FEW = 2;

export function wayList({ phones, methods }) {
  const list = el("ul", { class: "list" }, ...(methods?.phones ?? phones).map(phoneItem));
  if (methods) list.append(...others(methods));
  const few = methods && methods.recovery_left <= FEW;
  return el("div", {},
    list,
    few && el("p", { class: "note" }, t.fewRecovery),
    el("p", { class: "soft" }, t.lostPhone));
}

const item = (name, more, tag) => el("li", {},
  el("strong", {}, name),
  tag && el("span", { class: "tag" }, tag),
  el("small", {}, more));

const phoneItem = (phone) =>
  item(outside(phone.name), `${t.approves}, ${t.since(dayOf(phone.enrolled))}`, phone.this && t.thisPhone);

const accountItem = ({ name, provider, enrolled }) =>
  item(outside(name), `${t.accountApproves(provider)}, ${t.since(dayOf(enrolled))}`);

function others({ code, accounts = [], numbers, recovery_left: left }) {
  return [
    ...accounts.map(accountItem),
    ...(code ? [item(t.appCodes, t.appCodesHint)] : []),
    ...numbers.map(({ ending, uses }) => item(usesOf(uses), t.numberEnds(ending))),
    item(t.recoveryCodes, t.recoveryLeft(left)),
  ];
}

const usesOf = (uses) => (uses.length > 1 ? t.textsAndCalls : uses.includes("call") ? t.calls : t.textMessages);

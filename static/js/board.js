// The board: cards follow the mouse, a finger or the keys. A card stands where it was dropped at once; the server has the
// last word, and what it says is said aloud.

const HOLD = 300; // milliseconds that a finger rests before it lifts a card
const SLACK = 6; // pixels of movement that are still a click
const EDGE = 48; // pixels from an edge within which the page scrolls along
const SPEED = 12; // pixels a frame
const LINK = "a.acc";

const board = document.getElementById("board");
const drops = document.getElementById("drops");
const layer = document.getElementById("layer");
const said = document.getElementById("board-said");
const toasts = document.getElementById("toasts");

let drag = null; // {card, pointer, x, y, ghost, target, timer}
let asked = null; // the card whose closing is being asked about

const lanes = () => [...board.querySelectorAll("[data-lane]")];
const cardsOf = (lane) => [...lane.querySelectorAll("[data-card]")];
const laneOf = (card) => card.closest("[data-lane]");
const focused = () => document.activeElement?.closest("[data-card]");

// ---- saying ----------------------------------------------------------------------------------------

function words(name, card, lane) {
  const parts = { deal: card.querySelector(LINK).textContent.trim(), stage: lane?.dataset.name };
  return board.dataset[name].replace(/%\((\w+)\)s/g, (_all, part) => parts[part]);
}

function say(text) {
  said.textContent = text;
}

function show(text, kind = "") {
  const toast = document.createElement("div");
  toast.className = `rb-toast ${kind}`;
  toast.textContent = text;
  toasts.append(toast);
}

const warn = (text) => show(text, "is-error");

// ---- moving ----------------------------------------------------------------------------------------

function put(card, lane, before = null) {
  const list = lane.querySelector("[data-cards]");
  const hadFocus = card.contains(document.activeElement);
  list.insertBefore(card, before?.parentElement === list ? before : list.firstElementChild);
  if (hadFocus) card.querySelector(LINK).focus();
}

async function ask(card, lane) {
  const body = new URLSearchParams({ stage: lane.dataset.lane, version: card.dataset.version });
  const answer = await fetch(board.dataset.move.replace("/0/", `/${card.dataset.card}/`), {
    method: "POST",
    headers: { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) },
    body,
  });
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(answer.status);
  return { isMoved: answer.ok, ...(await answer.json()) };
}

// The card as the server has it now, in the lane where it belongs now; nothing when it is no longer open.
function settle(card, found, home) {
  const hadFocus = card.contains(document.activeElement);
  const lane = lanes().find((one) => one.dataset.lane === String(found.stage)) ?? laneOf(card);
  if (!found.isMoved) put(card, lane, lane === home.lane ? home.next : null);
  const template = document.createElement("template");
  template.innerHTML = found.card;
  const fresh = template.content.firstElementChild;
  if (!fresh) return card.remove();
  card.replaceWith(fresh);
  window.htmx.process(fresh);
  if (hadFocus) fresh.querySelector(LINK).focus();
  return fresh;
}

async function move(card, lane) {
  const home = { lane: laneOf(card), next: card.nextElementSibling };
  if (lane === home.lane) return;
  put(card, lane);
  card.classList.add("is-sent");
  let found;
  try {
    found = await ask(card, lane);
  } catch (error) {
    put(card, home.lane, home.next);
    card.classList.remove("is-sent");
    warn(error instanceof TypeError ? toasts.dataset.offline : toasts.dataset.failed);
    return;
  }
  const fresh = settle(card, found, home);
  if (found.isMoved) {
    say(words("saidMoved", fresh, lane));
  } else {
    warn(found.said);
    say(fresh ? `${found.said} ${words("saidBack", fresh, laneOf(fresh))}` : found.said);
  }
  document.body.dispatchEvent(new CustomEvent("deal-moved"));
}

// ---- closing: the dialog asks, and a card that is not closed stays where it was --------------------

function close(card, drop) {
  asked = card;
  card.classList.add("is-sent");
  window.htmx.ajax("GET", drop.dataset.drop.replace("/0/", `/${card.dataset.card}/`), "#layer");
}

document.addEventListener("layer:closed", () => {
  if (!asked) return;
  asked.classList.remove("is-sent");
  say(words("saidBack", asked, laneOf(asked)));
  asked.querySelector(LINK).focus();
  asked = null;
});

drops?.addEventListener("click", (event) => {
  const drop = event.target.closest("[data-drop]");
  if (!drop) return;
  const card = focused() ?? board.querySelector("[data-card]:hover") ?? (pointed?.isConnected ? pointed : null);
  if (card) close(card, drop);
  else show(board.dataset.saidChoose);
});

let pointed = null; // the card last worked with: a click on a drop takes the focus away from it
board?.addEventListener("focusin", (event) => {
  pointed = event.target.closest("[data-card]");
});

// ---- dragging --------------------------------------------------------------------------------------

function lift() {
  const { card, x, y } = drag;
  const box = card.getBoundingClientRect();
  drag.ghost = card.cloneNode(true);
  drag.ghost.className += " is-ghost";
  drag.ghost.inert = true;
  drag.ghost.style.width = `${box.width}px`;
  drag.dx = x - box.left;
  drag.dy = y - box.top;
  document.body.append(drag.ghost);
  card.classList.add("is-lift");
  document.body.classList.add("is-dragging");
  say(words("saidLifted", card));
  follow();
}

function follow() {
  const { ghost, x, y, dx, dy } = drag;
  ghost.style.transform = `translate(${x - dx}px, ${y - dy}px)`;
  const target = document.elementFromPoint(x, y)?.closest("[data-lane], [data-drop]") ?? null;
  if (target === drag.target) return;
  drag.target?.classList.remove("is-over");
  target?.classList.add("is-over");
  drag.target = target;
}

function scrollAlong() {
  if (!drag?.ghost) return;
  const box = board.getBoundingClientRect();
  if (drag.x > box.right - EDGE) board.scrollLeft += SPEED;
  if (drag.x < box.left + EDGE) board.scrollLeft -= SPEED;
  if (drag.y < EDGE) window.scrollBy(0, -SPEED);
  if (drag.y > window.innerHeight - EDGE / 2) window.scrollBy(0, SPEED);
  follow();
  requestAnimationFrame(scrollAlong);
}

function start(isLifted) {
  clearTimeout(drag.timer);
  if (!isLifted) return;
  lift();
  requestAnimationFrame(scrollAlong);
}

function end() {
  clearTimeout(drag.timer);
  drag.ghost?.remove();
  drag.card.classList.remove("is-lift");
  drag.target?.classList.remove("is-over");
  document.body.classList.remove("is-dragging");
  const ended = drag;
  drag = null;
  return ended;
}

function onDown(event) {
  const card = event.target.closest("[data-card]");
  if (!card || event.button !== 0 || event.target.closest(".card-move") || drag) return;
  drag = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY, isTouch: event.pointerType !== "mouse" };
  drag.from = { x: drag.x, y: drag.y };
  if (drag.isTouch) drag.timer = setTimeout(start, HOLD, true);
}

function onMove(event) {
  if (drag?.pointer !== event.pointerId) return;
  drag.x = event.clientX;
  drag.y = event.clientY;
  if (drag.ghost) return;
  if (Math.hypot(drag.x - drag.from.x, drag.y - drag.from.y) < SLACK) return;
  if (drag.isTouch) end(); // a finger that moves at once scrolls
  else start(true);
}

function onUp(event) {
  if (drag?.pointer !== event.pointerId) return;
  const { card, ghost, target } = end();
  if (!ghost) return;
  window.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
  setTimeout(() => window.dispatchEvent(new Event("click")));
  if (target?.dataset.drop) close(card, target);
  else if (target && target !== laneOf(card)) move(card, target);
  else say(words("saidBack", card, laneOf(card)));
}

function giveUp() {
  if (!drag) return;
  const { card, ghost } = end();
  if (ghost) say(words("saidBack", card, laneOf(card)));
}

// ---- keys: [ and ] move the card, arrows walk from card to card --------------------------------------

function walk(card, key) {
  const all = lanes();
  const at = all.indexOf(laneOf(card));
  const own = cardsOf(all[at]);
  const row = own.indexOf(card);
  if (key === "ArrowUp" || key === "ArrowDown") return own[row + (key === "ArrowUp" ? -1 : 1)];
  const step = key === "ArrowLeft" ? -1 : 1;
  for (let next = at + step; all[next]; next += step) {
    const cards = cardsOf(all[next]);
    if (cards.length) return cards[Math.min(row, cards.length - 1)];
  }
  return null;
}

function onKey(event) {
  if (event.key === "Escape" && drag) return giveUp();
  const card = focused();
  if (!card || event.ctrlKey && !event.altKey || event.metaKey) return;
  if ((event.key === "[" || event.key === "]") && "movable" in board.dataset) {
    event.preventDefault();
    const all = lanes();
    const lane = all[all.indexOf(laneOf(card)) + (event.key === "]" ? 1 : -1)];
    if (lane) move(card, lane);
    else say(board.dataset.saidEdge);
  } else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const link = walk(card, event.key)?.querySelector(LINK);
    link?.focus();
    link?.closest("[data-card]").scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

if (board) {
  document.addEventListener("keydown", onKey);
  if ("movable" in board.dataset) {
    drops.hidden = false;
    board.addEventListener("pointerdown", onDown);
    board.addEventListener("dragstart", (event) => event.preventDefault());
    board.addEventListener("contextmenu", (event) => drag?.isTouch && event.preventDefault());
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", giveUp);
    window.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
  }
}

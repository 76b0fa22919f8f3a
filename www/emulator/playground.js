// Controls of the emulator: time, faults, invited users.
import { byId } from "../dom.js";
import { advanceClock } from "./clock.js";
import { attempt, onSubmit } from "../forms.js";
import { dayAndTime } from "../words.js";

const faults = {
  reset: { reset: true },
  slow: { latencyMs: 3000 },
  throttled: { exception: "TooManyRequestsException", message: "Rate exceeded", status: 400 },
  unavailable: { status: 503 },
  html: { html: true, status: 403 },
  truncated: { truncate: true },
};

export function startPlayground(emulator) {
  byId("emulator").hidden = false;

  setInterval(showTime, 1000);
  showTime();

  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", async () => {
      await advanceClock(emulator, Number(button.dataset.advance));
      showTime();
    });
  }

  const form = byId("fault-form");
  let next;
  const showFaults = async () => {
    clearTimeout(next);
    const broken = (await emulator.faults()).filter(({ remaining }) => remaining !== 0);
    const words = broken.length === 0 ? "No call is broken." : broken.map(inWords).join("\n");
    if (byId("faults").textContent !== words) byId("faults").textContent = words;
    // Faults wear off with the calls they break.
    if (broken.length > 0) next = setTimeout(() => showFaults().catch(() => {}), 1000);
  };
  onSubmit(form, async ({ operation, kind, count }) => {
    await emulator.breakCall({ operation, count: count ? Number(count) : null, fault: faults[kind] });
    await showFaults();
  });
  byId("mend").addEventListener("click", () =>
    attempt(form, async () => {
      await emulator.mend();
      await showFaults();
    }),
  );

  const invite = byId("create-user-form");
  onSubmit(invite, async (user) => {
    await emulator.inviteUser(user);
    invite.reset();
    return `${user.username} is invited: the temporary password is in the mailbox.`;
  });
}

function showTime() {
  byId("clock").textContent = dayAndTime(Date.now());
}

function inWords({ operation, remaining, fault }) {
  const call = operation === "*" ? "Any call" : operation;
  const kind = Object.keys(faults).find((name) => members(faults[name]) === members(fault));
  const how = byId("fault-kind").querySelector(`[value="${kind}"]`)?.textContent ?? JSON.stringify(fault);
  const often = remaining === null ? "until repaired" : remaining === 1 ? "once more" : `${remaining} times more`;
  return `${call}: ${how}, ${often}.`;
}

/** No two kinds of fault have the same members. */
const members = (fault) => Object.keys(fault).sort().join();

// One time for the page and the emulator. Without it, "an hour later" would be true for the service only, and the
// client would rightly go on using tokens that are good by the browser's clock. Tests and demos do this; apps do not.

const browserNow = Date.now.bind(Date);
let ahead = 0;

export async function followEmulatorClock(emulator) {
  setNow(await emulator.now());
  Date.now = () => browserNow() + ahead;
}

export async function advanceClock(emulator, seconds) {
  setNow(await emulator.advance(seconds));
}

function setNow(now) {
  const difference = now - browserNow();
  // The emulator runs on this machine: a moment's difference is the answer's way here, not another time.
  ahead = Math.abs(difference) < 1000 ? 0 : difference;
}

// A clock that stands still until nothing else goes on, and then jumps to the next timer: what a call waits for is told in
// the page's own milliseconds, and a test of ten minutes takes none.

(() => {
  const real = {
    setTimeout: setTimeout.bind(globalThis),
    now: Date.now,
    monotonic: performance.now.bind(performance),
    fetch: fetch.bind(globalThis),
  };
  /** Past this the page waits for ever. */
  const LONGEST = 3_600_000;
  /** What is under way and takes no time of this clock: requests, and databases that are open. */
  let busy = 0;
  /** Counts whatever happens. */
  let activity = 0;
  let isFrozen = false;
  /** How far this clock is ahead of the device's, and where it stands while frozen. */
  let ahead = 0;
  let stopped = { wall: 0, monotonic: 0 };
  let lastId = 1_000_000;
  const timers = new Map();

  const wall = () => (isFrozen ? stopped.wall : real.now()) + ahead;
  Date.now = wall;
  performance.now = () => (isFrozen ? stopped.monotonic : real.monotonic()) + ahead;

  track();

  globalThis.clock = {
    /** From now on time stands still; timers that were set before go on by themselves. */
    freeze() {
      if (isFrozen) return;
      stopped = { wall: real.now(), monotonic: real.monotonic() };
      isFrozen = true;
      const add =
        (again) =>
        (fn, time = 0, ...args) => {
          activity++;
          const delay = Math.max(0, Number(time) || 0);
          timers.set(++lastId, {
            due: wall() + delay,
            run: () => fn(...args),
            again: again ? Math.max(1, delay) : undefined,
          });
          return lastId;
        };
      const remove = (original) => (id) => {
        activity++;
        if (!timers.delete(id)) original(id);
      };
      globalThis.setTimeout = add(false);
      globalThis.setInterval = add(true);
      AbortSignal.timeout = (time) => {
        const controller = new AbortController();
        globalThis.setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), time);
        return controller.signal;
      };
      globalThis.clearTimeout = remove(clearTimeout.bind(globalThis));
      globalThis.clearInterval = remove(clearInterval.bind(globalThis));
    },

    /** Moves both clocks, as a device does that stays awake. Timers that come due run when something waits for them. */
    advance(milliseconds) {
      ahead += milliseconds;
    },

    /** What the promise came to, and `after` how much of this clock's time; `{ never: true }` when nothing would end it. */
    async until(promise) {
      const began = wall();
      let result;
      outcome(promise).then((came) => {
        result = came;
        activity++;
      });
      while (wall() - began <= LONGEST) {
        await idle();
        if (result) return { ...result, after: Math.round(wall() - began) };
        const [id, next] = [...timers].reduce(
          (first, each) => (each[1].due < first[1].due ? each : first),
          [0, { due: Infinity }],
        );
        if (next.due === Infinity) break;
        ahead += Math.max(0, next.due - wall());
        if (next.again) timers.set(id, { ...next, due: wall() + next.again });
        else timers.delete(id);
        next.run();
      }
      return { never: true };
    },
  };

  /** Until nothing happens any more. What a fault holds is given up on later than what is merely slow. */
  async function idle() {
    let seen = -1;
    let quiet = 0;
    while (quiet < (busy === 0 ? 4 : 60)) {
      await new Promise((resolve) => real.setTimeout(resolve, 8));
      quiet = seen === activity ? quiet + 1 : 0;
      seen = activity;
    }
  }

  function track() {
    const begin = () => {
      busy++;
      activity++;
    };
    const end = () => {
      busy--;
      activity++;
    };
    globalThis.fetch = (...request) => {
      begin();
      // The body comes later than the head, and is not waited for apart: it is there at once on loopback.
      return real.fetch(...request).finally(end);
    };
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...args) {
      begin();
      const request = open.apply(this, args);
      request.addEventListener("error", end);
      return request;
    };
    const { close } = IDBDatabase.prototype;
    IDBDatabase.prototype.close = function () {
      end();
      return close.call(this);
    };
    const { request } = LockManager.prototype;
    LockManager.prototype.request = function (...args) {
      const callback = args.pop();
      begin();
      let waits = true;
      const granted = () => {
        if (waits) end();
        waits = false;
      };
      const held = request.call(this, ...args, (lock) => {
        granted();
        return callback(lock);
      });
      held.then(granted, granted);
      return held;
    };
  }
})();

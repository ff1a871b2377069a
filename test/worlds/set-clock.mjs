// For `node --import`: a machine whose clock is off by SET_CLOCK_MS. From SET_CLOCK_AFTER_MS of the process on, where that is set.
const OwnDate = Date;
const aheadMs = () =>
  process.uptime() * 1_000 >= Number(process.env.SET_CLOCK_AFTER_MS ?? 0) ? Number(process.env.SET_CLOCK_MS) : 0;
globalThis.Date = class extends OwnDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [OwnDate.now() + aheadMs()]));
  }
  static now() {
    return OwnDate.now() + aheadMs();
  }
};

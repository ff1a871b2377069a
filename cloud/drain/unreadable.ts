/** Fails an execution whose record is gone, or cannot be read: nobody could be told of it otherwise but the execution's alarm. */
export function unreadableRun(id: string): Error {
  return new Error(
    `the record of the replay ${id} is gone, or cannot be read: nobody goes on with it, and what it has not sent is pending; ` +
      `see what "replays show ${id}" says, and have "replay" take up the rest`,
  );
}

/** Fails a share whose record cannot be read: the machine tries again, and writes then down that it failed. */
export function unreadableShare(id: string, number: number): Error {
  return new Error(
    `the record of share ${number} of the replay ${id} cannot be read: another version wrote it, or it was changed by hand`,
  );
}

package io.steward.bench.steward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// What all processors of the machine together did since it was started, from `/proc/stat`.
///
/// @param busyTicks for anybody, another guest of the same host too
/// @param idleTicks with nothing to do, or waiting for a disk
record ProcessorTime(long busyTicks, long idleTicks) {
  private static final Path STAT = Path.of("/proc/stat");
  private static final int IDLE = 4; // fields of the first line
  private static final int IOWAIT = 5;
  private static final int STEAL = 8; // Those behind it are counted before already.

  /// @param stat the content of `/proc/stat`
  static ProcessorTime parse(String stat) {
    String[] fields = stat.lines().findFirst().orElse("").split(" +");
    long busy = 0;
    long idle = 0;
    for (int i = 1; i <= STEAL; i++) {
      long ticks = Long.parseLong(fields[i]);
      if (i == IDLE || i == IOWAIT) {
        idle += ticks;
      } else {
        busy += ticks;
      }
    }
    return new ProcessorTime(busy, idle);
  }

  /// The share of all processors that is busy, from 0 to 1, watched for so long.
  static double busyFor(Duration window) throws IOException {
    ProcessorTime before = parse(Files.readString(STAT));
    long endNanos = System.nanoTime() + window.toNanos();
    for (long left = window.toNanos(); left > 0; left = endNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return parse(Files.readString(STAT)).busySince(before);
  }

  /// The share of all processors that was busy since an earlier look, from 0 to 1.
  double busySince(ProcessorTime earlier) {
    double busy = Math.max(0, busyTicks - earlier.busyTicks);
    double idle = Math.max(0, idleTicks - earlier.idleTicks); // iowait may go back a little.
    return busy == 0 ? 0 : busy / (busy + idle);
  }
}

package io.steward.e2e.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The heap of another Java process: what lives in it after a collection, looked at again and again
/// while something happens.
final class HeapUse implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(400);
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final long pid;
  private final AtomicLong peakBytes = new AtomicLong();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread sampler;

  private HeapUse(long pid) {
    this.pid = pid;
    this.sampler = Thread.ofPlatform().name("heap of " + pid).start(this::sample);
  }

  static HeapUse watch(long pid) {
    return new HeapUse(pid);
  }

  /// Bytes that are alive in the process now.
  static long liveBytes(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run");
    long kilobytes = 0;
    for (String line : jcmd(pid, "GC.heap_info").lines().toList()) {
      Matcher used = USED.matcher(line);
      if (!line.strip().startsWith("Metaspace")
          && !line.strip().startsWith("class")
          && used.find()) {
        kilobytes += Long.parseLong(used.group(1));
      }
    }
    if (kilobytes == 0) {
      throw new IOException("the heap of process " + pid + " cannot be read");
    }
    return kilobytes * 1024;
  }

  /// The most that was alive at once since the watch began.
  long peakBytes() {
    return peakBytes.get();
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    sampler.join();
  }

  private void sample() {
    try {
      do {
        peakBytes.accumulateAndGet(liveBytes(pid), Math::max);
      } while (!over.await(PERIOD.toNanos(), TimeUnit.NANOSECONDS));
    } catch (IOException e) {
      peakBytes.set(Long.MAX_VALUE); // Nothing is known, so nothing may be concluded.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
    return output;
  }
}

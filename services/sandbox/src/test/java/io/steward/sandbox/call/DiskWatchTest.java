package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.sandbox.driver.NoneDriver;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.schemas.blob.DirectoryBlobStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskWatchTest {
  private static final Path UNUSED = Path.of("unused");

  private final DiskWatch watch =
      new DiskWatch(
          new Sandboxes(
              new NoneDriver("none"),
              EnvironmentPackages.NOTHING,
              WaysOut.NONE,
              TestExchange.of(UNUSED, new DirectoryBlobStore(UNUSED), new RecordingOutbox()),
              UNUSED,
              new Sandboxes.Limits(Duration.ZERO, 1),
              new RecordingOutbox(),
              InstantSource.system()),
          1000,
          10);

  /// Bytes and files before, bytes and files now, whether the sandbox must end.
  @ParameterizedTest
  @CsvSource({
    "900, 1, 1000, 1, false",
    "900, 1, 1001, 1, true",
    "1500, 1, 1501, 1, true",
    "1500, 1, 1400, 1, false",
    "1500, 1, 1500, 1, false",
    "10, 9, 10, 10, false",
    "10, 9, 10, 11, true",
    "-1, 0, 1500, 1, false",
    "-1, 0, 2001, 1, true",
  })
  void a_sandbox_must_end_when_it_is_over_and_grows(
      long bytesBefore, long filesBefore, long bytes, long files, boolean end) {
    Trees.Usage before = bytesBefore < 0 ? null : new Trees.Usage(bytesBefore, filesBefore);

    assertEquals(end, watch.mustEnd(before, new Trees.Usage(bytes, files)));
  }
}

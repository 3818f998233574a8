package io.steward.sandbox.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.packages.EnvironmentPackages.Outcome;
import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the cache owes, whatever installs.
@Timeout(60)
class PackageCacheTest {
  private static final PackageLimits LIMITS =
      new PackageLimits(Duration.ofSeconds(30), 50 << 20, 2, 1L << 30, 10, Duration.ofSeconds(60));
  private static final String INSTALL = "mkdir -p \"$1/$2\" && echo \"${@:3}\" >\"$1/$2/items\"";

  @TempDir Path root;

  private final ScriptedWorkbench workbench = new ScriptedWorkbench(INSTALL);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private PackageCache cache() throws IOException {
    return cache(LIMITS, OperatorSettings.NONE);
  }

  private PackageCache cache(PackageLimits limits, OperatorSettings settings) throws IOException {
    return new PackageCache(root.resolve("cache"), workbench, settings, limits, () -> now);
  }

  private static JsonNode pip(String... items) {
    return Json.tree(Map.of("packages", Map.of("pip", List.of(items))));
  }

  private static Outcome obtain(EnvironmentPackages packages, JsonNode config) {
    return packages.obtain(config, new Cancellation());
  }

  private static InstalledPackages ready(Outcome outcome) {
    return assertInstanceOf(Outcome.Ready.class, outcome).packages().orElseThrow();
  }

  private static String reason(Outcome outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome).reason();
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("cache"))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_list_is_installed_once_also_for_the_next_service() throws IOException {
    PackageCache cache = cache();
    InstalledPackages first = ready(obtain(cache, pip("a", "b")));

    InstalledPackages second = ready(obtain(cache, pip("b", "a")));
    InstalledPackages later = ready(obtain(cache(), pip("a", "b")));

    assertEquals(1, workbench.starts.get());
    assertEquals(first.directory(), second.directory());
    assertEquals(first.directory(), later.directory());
    assertEquals("a b\n", Files.readString(first.directory().resolve("pip/items")));
    assertEquals(root.resolve("cache").resolve(left().getFirst()), first.directory().getParent());
    assertEquals(1, left().size());
  }

  @Test
  void packages_that_put_a_link_in_the_place_of_a_directory_are_not_used() throws IOException {
    for (String name : List.of("apt", "apt/usr", "apt/etc", "apt/opt")) {
      workbench.script =
          "mkdir -p \"$1/apt\"; rm -rf \"$1/%1$s\"; ln -s / \"$1/%1$s\"".formatted(name);

      String reason = reason(obtain(cache(), pip("a")));

      assertTrue(
          reason.endsWith(
              "The packages made `%s` something else than a directory of its own, so they are not used."
                  .formatted(name)),
          reason);
      assertEquals(List.of(), left());
    }
  }

  @Test
  void too_many_entries_at_the_top_are_refused() throws IOException {
    workbench.script = "mkdir -p \"$1/apt/etc\"; cd \"$1/apt/etc\"; touch $(seq 1001)";

    String reason = reason(obtain(cache(), pip("a")));

    assertTrue(
        reason.endsWith(
            "The packages have more than 1000 entries in `/etc`, the most that is allowed."),
        reason);
  }

  @Test
  void a_link_of_an_installer_before_is_found_after_the_last() throws IOException {
    workbench.script =
        "case $2 in npm) mkdir -p \"$1/apt/usr\" ;; pip) mv \"$1/apt/usr\" \"$1/x\"; ln -s / \"$1/apt/usr\" ;; esac";
    JsonNode both = Json.tree(Map.of("packages", Map.of("npm", List.of("a"), "pip", List.of("a"))));

    String reason = reason(obtain(cache(), both));

    assertTrue(reason.contains("`apt/usr` something else"), reason);
    assertEquals(2, workbench.starts.get());
  }

  @Test
  void bytes_are_counted_once_and_noted_beside_the_packages() throws IOException {
    Path first = readyAndClosed(cache(), "a");
    now = now.plusSeconds(1);
    Path second = readyAndClosed(cache(), "b");
    assertTrue(Long.parseLong(Files.readString(second.resolveSibling("bytes"))) > 0);
    assertFalse(Files.exists(second.resolve("bytes")));
    Files.writeString(first.resolveSibling("bytes"), Long.toString(2L << 30)); // More than allowed.

    cache();

    awaitGone(first);
    assertTrue(Files.exists(second));
  }

  @Test
  void bytes_nobody_noted_are_counted_beside_those_who_ask() throws IOException {
    Path packages = readyAndClosed(cache(), "a");
    for (String damage : List.of("", "no number")) {
      Files.writeString(packages.resolveSibling("bytes"), damage);

      assertEquals(packages, readyAndClosed(cache(), "a"));

      while (!Files.readString(packages.resolveSibling("bytes")).matches("[1-9][0-9]*")) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void many_who_ask_at_once_wait_for_one_installation() throws IOException {
    workbench.script = "sleep 0.5; " + INSTALL;
    PackageCache cache = cache();

    List<CompletableFuture<Outcome>> asked =
        IntStream.range(0, 20)
            .mapToObj(_ ->
                CompletableFuture.supplyAsync(
                    () -> obtain(cache, pip("a")), task -> Thread.ofVirtual().start(task)))
            .toList();

    asked.forEach(outcome -> ready(outcome.join()));
    assertEquals(1, workbench.starts.get());
  }

  @Test
  void a_failure_quotes_the_end_of_the_output_and_is_tried_again_later() throws IOException {
    workbench.script = "seq 1000; echo 'no such package' >&2; exit 4";
    PackageCache cache = cache();

    String reason = reason(obtain(cache, pip("a", "b")));
    reason(obtain(cache, pip("a", "b")));

    assertTrue(
        reason.startsWith(
            "The packages of this environment could not be installed, so nothing ran. pip could"
                + " not install a, b: it ended with code 4. The end of its output:\n982\n983\n"),
        reason);
    assertTrue(reason.endsWith("\n1000\nno such package"), reason);
    assertEquals(1, workbench.starts.get());
    assertEquals(List.of(), left());
    now = now.plus(LIMITS.failureKept());
    workbench.script = INSTALL;
    ready(obtain(cache, pip("a", "b")));
  }

  @Test
  void a_failure_tells_nothing_of_what_the_operator_set() throws IOException {
    workbench.script =
        "echo 'asked https://u:p@proxy.local/x, then https://joe:key@other/y'; exit 1";
    OperatorSettings settings =
        OperatorSettings.of(
            List.of("PIP_INDEX_URL", "NOT_SET"),
            List.of(),
            Map.of("PIP_INDEX_URL", "https://u:p@proxy.local/x"));

    String reason = reason(obtain(cache(LIMITS, settings), pip("a")));

    assertTrue(reason.endsWith("\nasked $PIP_INDEX_URL, then https://***@other/y"), reason);
  }

  @Test
  void what_the_operator_set_is_found_before_anything_is_cut() throws IOException {
    String secret = "s3cr3t-".repeat(500);
    OperatorSettings settings =
        OperatorSettings.of(
            List.of("A_PART", "CANARY"),
            List.of(),
            Map.of("A_PART", secret.substring(0, 700), "CANARY", secret));
    workbench.script = "echo '" + secret + "'; exit 1";
    String cutInCharacters = reason(obtain(cache(LIMITS, settings), pip("a")));
    workbench.script =
        "printf 'https://u:'; printf 's3cr3t-%.0s' $(seq 10000); printf '@h/\nend\n'; exit 1";
    String cutInBytes = reason(obtain(cache(LIMITS, settings), pip("a")));
    workbench.script = "printf '\\033[1ms3cr3t-\\033[0m%s\n' '" + secret.substring(7) + "'; exit 1";
    String coloured = reason(obtain(cache(LIMITS, settings), pip("a")));

    assertTrue(cutInCharacters.endsWith("output:\n$CANARY"), cutInCharacters);
    assertTrue(cutInBytes.endsWith("output:\nend"), cutInBytes);
    assertTrue(coloured.endsWith("output:\n$CANARY"), coloured);
  }

  @Test
  void an_item_that_is_no_package_starts_nothing() throws IOException {
    String reason = reason(obtain(cache(), pip("--user")));

    assertTrue(reason.contains("`packages.pip[0]` is \"--user\", but must be"), reason);
    assertEquals(0, workbench.starts.get());
  }

  @Test
  void an_installation_that_takes_too_long_is_ended() throws IOException {
    workbench.script = "sleep 600";
    PackageLimits limits =
        new PackageLimits(Duration.ofMillis(1), 50 << 20, 1, 1L << 30, 10, Duration.ZERO);

    String reason = reason(obtain(cache(limits, OperatorSettings.NONE), pip("a")));

    assertTrue(
        reason.contains("pip could not install a: all packages together took more than 0 s"));
    assertEquals(List.of(), left());
  }

  @Test
  void an_installation_that_takes_too_much_disk_is_ended() throws IOException {
    workbench.script = "head -c 60000000 /dev/zero >\"$1/big\"; sync \"$1/big\"; sleep 600";

    String reason = reason(obtain(cache(), pip("a")));

    assertTrue(reason.contains("take more than 52428800 bytes on disk"), reason);
    assertEquals(List.of(), left());
  }

  @Test
  void a_cancel_ends_the_wait_but_not_the_installation() throws IOException {
    workbench.script = "sleep 1; " + INSTALL;
    PackageCache cache = cache();
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Outcome> asked =
        CompletableFuture.supplyAsync(() -> cache.obtain(pip("a"), cancellation));
    while (workbench.starts.get() == 0) {
      Thread.onSpinWait();
    }

    cancellation.cancel();

    assertInstanceOf(Outcome.Canceled.class, asked.join());
    ready(obtain(cache, pip("a")));
    assertEquals(1, workbench.starts.get());
  }

  @Test
  void the_longest_unused_go_first_and_what_is_used_stays() throws IOException {
    PackageLimits limits =
        new PackageLimits(Duration.ofSeconds(30), 50 << 20, 1, 1L << 30, 2, Duration.ZERO);
    PackageCache cache = cache(limits, OperatorSettings.NONE);
    InstalledPackages used = ready(obtain(cache, pip("a")));
    InstalledPackages share = used.share();
    used.close();
    now = now.plusSeconds(1);
    Path unused = readyAndClosed(cache, "b");
    now = now.plusSeconds(1);
    Path last = readyAndClosed(cache, "c");
    awaitGone(unused);

    assertTrue(Files.exists(share.directory()));
    assertTrue(Files.exists(last));
    share.close();
    now = now.plusSeconds(1);
    readyAndClosed(cache, "d");
    awaitGone(share.directory());
    assertTrue(Files.exists(last));
  }

  @Test
  void too_many_bytes_go_as_well() throws IOException {
    workbench.script = "head -c 3000000 /dev/zero >\"$1/big\"";
    PackageLimits limits =
        new PackageLimits(Duration.ofSeconds(30), 50 << 20, 1, 4_000_000, 10, Duration.ZERO);
    PackageCache cache = cache(limits, OperatorSettings.NONE);
    Path first = readyAndClosed(cache, "a");
    now = now.plusSeconds(1);

    Path second = readyAndClosed(cache, "b");

    awaitGone(first);
    assertTrue(Files.exists(second));
  }

  @Test
  void what_an_earlier_life_left_half_done_is_removed() throws IOException {
    Path half = Files.createDirectories(root.resolve("cache/.build_x/packages"));

    cache();

    assertFalse(Files.exists(half.getParent()));
  }

  private Path readyAndClosed(PackageCache cache, String item) {
    try (InstalledPackages packages = ready(obtain(cache, pip(item)))) {
      return packages.directory();
    }
  }

  /// Removal happens beside those who ask.
  private static void awaitGone(Path path) {
    while (Files.exists(path)) {
      Thread.onSpinWait();
    }
  }
}

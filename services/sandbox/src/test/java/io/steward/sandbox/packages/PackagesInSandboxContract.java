package io.steward.sandbox.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.packages.EnvironmentPackages.Outcome;
import io.steward.sandbox.shim.Cancellation;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What an agent sees of packages, whatever the driver: real installers, real sandboxes, and a
/// registry on the loopback interface. Where this machine has no such installer, the error is
/// tried.
@Timeout(120)
abstract class PackagesInSandboxContract {
  static final SandboxLimits LIMITS =
      new SandboxLimits(1L << 30, 256, 64L << 20, 32L << 20, Duration.ofSeconds(3));
  private static final PackageLimits PACKAGE_LIMITS =
      new PackageLimits(Duration.ofSeconds(60), 1L << 30, 2, 1L << 30, 10, Duration.ZERO);

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  final ParentThread parent = new ParentThread();
  private final List<Sandbox> opened = new ArrayList<>();

  abstract SandboxDriver driver(Path root);

  abstract Workbench workbench(OperatorSettings settings);

  /// What makes apt use `directory` instead of `/etc/apt`.
  abstract OperatorSettings aptSettings(Path directory) throws IOException;

  @AfterEach
  void closeAll() throws IOException {
    opened.forEach(Sandbox::close);
    parent.close();
    Trees.remove(root);
  }

  private LocalRegistry registry;

  @BeforeEach
  void startRegistry() throws IOException {
    registry = new LocalRegistry(Files.createDirectories(root.resolve("registry")));
  }

  @AfterEach
  void stopRegistry() {
    registry.close();
  }

  final LocalRegistry registry() {
    return registry;
  }

  final PackageCache cache(OperatorSettings settings) throws IOException {
    return new PackageCache(
        root.resolve("cache"),
        workbench(settings),
        settings,
        PACKAGE_LIMITS,
        InstantSource.system());
  }

  static JsonNode config(String manager, String... items) {
    return Json.tree(Map.of("packages", Map.of(manager, List.of(items))));
  }

  /// A sandbox with the packages of `config`.
  final Sandbox open(PackageCache cache, JsonNode config) throws IOException {
    Outcome outcome = cache.obtain(config, new Cancellation());
    Optional<InstalledPackages> packages =
        assertInstanceOf(Outcome.Ready.class, outcome, outcome.toString()).packages();
    try {
      Sandbox sandbox =
          assertInstanceOf(
                  SandboxDriver.Opening.Opened.class,
                  driver(root.resolve("sessions"))
                      .open(SessionId.random(0), packages, Optional.empty()))
              .sandbox();
      opened.add(sandbox);
      sandbox.awaitStart(SandboxDriver.START_MAX);
      return sandbox;
    } finally {
      packages.ifPresent(InstalledPackages::close);
    }
  }

  static String output(Sandbox sandbox, String command) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    var _ = sandbox.run(command, output::write, Duration.ofSeconds(30), new Cancellation());
    return output.toString(StandardCharsets.UTF_8);
  }

  final String reason(PackageCache cache, JsonNode config) {
    Outcome outcome = cache.obtain(config, new Cancellation());
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome.toString()).reason();
  }

  /// Goes on when the machine has `program`; else tries that its absence is told, and skips.
  private void needs(String program, String manager, String item) throws IOException {
    if (!programIsThere(program)) {
      assertTrue(
          reason(cache(OperatorSettings.NONE), config(manager, item))
              .endsWith(" is not installed on the machine that makes the sandboxes"));
      assumeTrue(false, program + " is not installed");
    }
  }

  static boolean programIsThere(String program) throws IOException {
    if (program.equals("pip")) {
      return programIsThere("python3")
          && Commands.output(List.of("python3", "-c", "import pip")).code() == 0;
    }
    return Stream.of("/usr/local/bin", "/usr/bin", "/bin")
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  @Test
  void a_python_package_is_imported_and_its_command_runs() throws IOException {
    needs("pip", "pip", "tiny-word");
    PackageCache cache = cache(OperatorSettings.NONE);
    JsonNode config = config("pip", registry().wheel("snake"));

    Sandbox sandbox = open(cache, config);

    assertEquals(
        "snake\nsnake\n", output(sandbox, "python3 -c 'import tiny; print(tiny.WORD)'; tiny-word"));
  }

  @Test
  void a_node_package_is_required_and_its_command_runs() throws IOException {
    needs("npm", "npm", "tiny-node");
    PackageCache cache = cache(OperatorSettings.NONE);
    JsonNode config = config("npm", registry().tarball("crab", "true"));

    Sandbox sandbox = open(cache, config);

    assertEquals(
        "crab\ncrab\n",
        output(sandbox, "node -e \"console.log(require('tiny-node'))\"; tiny-node"));
  }

  @Test
  void a_debian_package_is_there_and_the_machine_unchanged() throws IOException {
    assumeTrue(programIsThere("apt-get") && programIsThere("dpkg-deb"), "apt is not installed");
    Path settings = registry().aptRepository("swirl");

    Sandbox sandbox = open(cache(aptSettings(settings)), config("apt", "tiny-deb=1.0"));

    String found = output(sandbox, "command -v tiny-deb");
    assertTrue(found.endsWith("/usr/bin/tiny-deb\n"), found);
    checkDebian(sandbox);
    assertFalse(Files.exists(Path.of("/usr/bin/tiny-deb")));
    assertFalse(Commands.run(List.of("cat", "/var/lib/dpkg/status")).contains("tiny-deb"));
  }

  void checkDebian(Sandbox sandbox) {}

  @Test
  void an_unknown_package_is_an_error_that_quotes_the_installer() throws IOException {
    needs("npm", "npm", "tiny-node");

    String reason = reason(cache(OperatorSettings.NONE), config("npm", registry().url("none.tgz")));

    assertTrue(reason.contains("npm could not install " + registry().url("none.tgz")), reason);
    assertTrue(reason.contains("404"), reason);
  }

  @Test
  void an_absent_manager_is_named() throws IOException {
    for (Map.Entry<String, String> manager :
        Map.of("cargo", "ripgrep", "gem", "rake", "go", "example.com/x").entrySet()) {
      if (!programIsThere(manager.getKey())) {
        assertEquals(
            "The packages of this environment could not be installed, so nothing ran. "
                + manager.getKey()
                + " is not installed on the machine that makes the sandboxes",
            reason(cache(OperatorSettings.NONE), config(manager.getKey(), manager.getValue())));
      }
    }
  }

  @Test
  void the_second_sandbox_of_an_environment_pays_nothing() throws IOException {
    needs("pip", "pip", "tiny-word");
    PackageCache cache = cache(OperatorSettings.NONE);
    JsonNode config = config("pip", registry().wheel("snake"));
    long start = System.nanoTime();
    output(open(cache, config), "true");
    long cold = System.nanoTime();

    registry.close();
    String output = output(open(cache, config), "tiny-word");

    long warm = System.nanoTime();
    assertEquals("snake\n", output);
    System.out.printf(
        "packages: first sandbox %.0f ms, second %.0f ms%n",
        (cold - start) / 1e6, (warm - cold) / 1e6);
  }
}

package io.steward.sandbox.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.BubblewrapDriver;
import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.ControlGroups;
import io.steward.sandbox.driver.Launch;
import io.steward.sandbox.driver.PackageView.SystemView;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.shim.Sandbox;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The contract, and what isolation owes: to the machine, and to the operator's settings.
class BubblewrapPackagesTest extends PackagesInSandboxContract {
  private static final SystemView SYSTEM = Launch.systemView();

  @BeforeAll
  static void needsBubblewrap() {
    assumeTrue(Commands.find("bwrap").isPresent(), "bwrap is not installed");
  }

  @Override
  SandboxDriver driver(Path root) {
    return new BubblewrapDriver(root, LIMITS, parent, ControlGroups.none(), List.of());
  }

  @Override
  Workbench workbench(OperatorSettings settings) {
    return new BubblewrapWorkbench(LIMITS, ControlGroups.none(), parent, settings, SYSTEM);
  }

  @Override
  OperatorSettings aptSettings(Path directory) {
    return OperatorSettings.of(List.of(), List.of(directory + ":/etc/apt"), Map.of());
  }

  @Override
  void checkDebian(Sandbox sandbox) {
    assertEquals("/nowhere/at-all\n", output(sandbox, "readlink /etc/tiny-dangling"));
    assertEquals("agent\n", output(sandbox, "id -un"));
    if (SYSTEM == SystemView.MOUNTED) {
      assertEquals("/usr/bin/tiny-deb\n", output(sandbox, "command -v tiny-deb"));
      assertEquals("swirl\nswirl\n", output(sandbox, "tiny-deb; tiny-link"));
      assertEquals("denied\n", output(sandbox, "rm /usr/bin/tiny-deb 2>&- || echo denied"));
    }
  }

  @Test
  void a_link_that_a_package_leaves_shows_nothing_of_the_machine() throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    Path secret =
        Files.writeString(Files.createDirectory(root.resolve("home")).resolve("key"), "host");
    String script =
        """
        cd /opt/steward/packages && mkdir -p apt/etc/mine apt/usr/bin apt/opt
        echo fine >apt/etc/mine/file
        ln -s %1$s apt/etc/leak; ln -s %1$s apt/opt/leak; ln -s %1$s apt/usr/leak
        ln -s %1$s/key apt/etc/services; ln -s / apt/etc/passwd; mkfifo apt/etc/pipe
        """
            .formatted(secret.getParent());

    Sandbox sandbox =
        open(cache(OperatorSettings.NONE), config("npm", registry().tarball("crab", script)));

    assertEquals(
        "fine\n0\n",
        output(
            sandbox,
            "cat /etc/mine/file; cat /etc/leak/key /opt/leak/key /usr/leak/key /etc/services"
                + " /etc/passwd 2>&- | grep -cx host"));
    assertEquals(secret.getParent() + "\n", output(sandbox, "readlink /etc/leak"));
    assertEquals("", output(sandbox, "ls -d /etc/pipe 2>&-"));
  }

  @Test
  void a_package_cannot_swap_the_directories_that_are_mounted() throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    for (String name : List.of("apt", "apt/usr", "apt/etc", "apt/opt")) {
      String script =
          "cd /opt/steward/packages && mkdir -p apt && rm -rf %1$s && ln -s %2$s %1$s"
              .formatted(name, root);

      String reason =
          reason(cache(OperatorSettings.NONE), config("npm", registry().tarball("crab", script)));

      assertTrue(reason.contains("The packages made `" + name + "` something else"), reason);
    }
  }

  @Test
  void a_later_package_cannot_swap_what_apt_brought() throws IOException {
    assumeTrue(programIsThere("npm") && programIsThere("apt-get"), "npm or apt is not installed");
    Path settings = registry().aptRepository("swirl");
    String script = "cd /opt/steward/packages/apt && mv usr other && ln -s %s usr".formatted(root);
    JsonNode config =
        Json.tree(
            Map.of(
                "packages",
                Map.of(
                    "apt",
                    List.of("tiny-deb"),
                    "npm",
                    List.of(registry().tarball("crab", script)))));

    String reason = reason(cache(aptSettings(settings)), config);

    assertTrue(reason.contains("The packages made `apt/usr` something else"), reason);
  }

  @Test
  void nothing_of_an_installer_lives_on_when_it_ended() throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    String mark = "installer-" + root.getFileName();
    String script =
        "setsid sh -c 'while :; do :; done' %s >/dev/null 2>&1 </dev/null &".formatted(mark);

    Sandbox sandbox =
        open(cache(OperatorSettings.NONE), config("npm", registry().tarball("crab", script)));

    assertEquals("crab\n", output(sandbox, "tiny-node"));
    String living = Commands.run(List.of("ps", "-eww", "-o", "args"));
    assertFalse(living.contains(mark + "\n") || living.contains(mark + " "), living);
  }

  @Test
  void an_agent_cannot_change_what_the_next_session_gets() throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    PackageCache cache = cache(OperatorSettings.NONE);

    Sandbox sandbox = open(cache, config("npm", registry().tarball("crab", "true")));

    assertEquals(
        "denied\n",
        output(
            sandbox,
            "touch /opt/steward/packages/x /opt/steward/packages/npm/bin/x 2>&- || echo denied"));
    assertEquals("steward\n", output(sandbox, "ls /opt"));
  }

  @Test
  void a_script_of_a_package_sees_no_secret_and_reaches_nothing_of_the_machine()
      throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    Path secret = Files.writeString(root.resolve("secret"), "host");
    String script =
        """
        exec >found 2>&1
        cat %s /etc/shadow /root/.bashrc
        cat /proc/[0-9]*/environ | tr '\\0' '\\n' | cut -d= -f1
        touch /usr/x /etc/x /run/steward/x
        id -u; grep CapEff /proc/self/status
        unshare -Ur true || echo no namespace
        """
            .formatted(secret);

    Sandbox sandbox =
        open(cache(OperatorSettings.NONE), config("npm", registry().tarball("crab", script)));

    String found =
        output(sandbox, "cat /opt/steward/packages/npm/lib/node_modules/tiny-node/found");
    assertEquals(3, count(found, "No such file or directory"), found);
    assertEquals(3, count(found, "(Read-only file system|Permission denied)"), found);
    assertTrue(found.contains("1000\nCapEff:\t0000000000000000\n"), found);
    assertTrue(found.contains("no namespace"), found);
    List<String> lines = found.lines().toList();
    List<String> theirs =
        List.of("HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "USER", "TERM", "_");
    for (String name : System.getenv().keySet()) {
      if (!theirs.contains(name) && !name.startsWith("npm_")) {
        assertFalse(lines.contains(name), name);
      }
    }
  }

  private static long count(String text, String pattern) {
    return java.util.regex.Pattern.compile(pattern).matcher(text).results().count();
  }

  @Test
  void installers_see_the_operators_settings_and_sandboxes_do_not() throws IOException {
    assumeTrue(programIsThere("npm"), "npm is not installed");
    Path file = Files.writeString(root.resolve("npmrc"), "fund=false\n# canary-file\n");
    OperatorSettings settings =
        OperatorSettings.of(
            List.of("NPM_CONFIG_GLOBALCONFIG", "CANARY"),
            List.of(file + ":/etc/registry/npmrc"),
            Map.of("NPM_CONFIG_GLOBALCONFIG", "/etc/registry/npmrc", "CANARY", "canary-variable"));
    String script = "cat /etc/registry/npmrc >found; echo $CANARY >>found";

    Sandbox sandbox = open(cache(settings), config("npm", registry().tarball("crab", script)));

    assertEquals(
        "fund=false\n# canary-file\ncanary-variable\n",
        output(sandbox, "cat /opt/steward/packages/npm/lib/node_modules/tiny-node/found"));
    assertEquals("", output(sandbox, "ls -d /etc/registry /etc/npmrc 2>&-"));
    assertEquals(
        "0\n", output(sandbox, "cat /proc/[0-9]*/environ /run/steward/* 2>&- | grep -ac canary"));
  }
}

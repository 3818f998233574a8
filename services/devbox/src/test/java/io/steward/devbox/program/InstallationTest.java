package io.steward.devbox.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.devbox.settings.StartRefused;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstallationTest {
  @Test
  void options_of_the_operator_win_over_ours() {
    Jvm jvm = jvm(Jvm.AotUse.READ);

    List<String> command = jvm.command(List.of("Main"));

    assertTrue(
        command.indexOf("-XX:TieredStopAtLevel=4") > command.indexOf("-XX:TieredStopAtLevel=1"));
    assertEquals("Main", command.getLast());
  }

  @Test
  void a_training_run_does_without_them() {
    assertEquals(
        -1, jvm(Jvm.AotUse.WRITE).command(List.of("Main")).indexOf("-XX:TieredStopAtLevel=4"));
  }

  @Test
  void options_are_separated_by_blanks() throws StartRefused {
    assertEquals(List.of(), Installation.jvmOptions(null));
    assertEquals(List.of(), Installation.jvmOptions("  "));
    assertEquals(List.of("-Xss1m", "-ea"), Installation.jvmOptions(" -Xss1m  -ea"));
  }

  @Test
  void what_is_no_option_is_refused_with_its_name() {
    StartRefused refused =
        assertThrows(StartRefused.class, () -> Installation.jvmOptions("-ea Main"));

    assertEquals(
        "STEWARD_JVM_OPTIONS holds \"Main\"; options of a JVM begin with a hyphen.",
        refused.getMessage());
  }

  private static Jvm jvm(Jvm.AotUse aot) {
    return new Jvm(Path.of("java"), Path.of("no.aot"), 64, aot, List.of("-XX:TieredStopAtLevel=4"));
  }
}

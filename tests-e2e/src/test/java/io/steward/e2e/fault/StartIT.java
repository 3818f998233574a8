package io.steward.e2e.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(StageExtension.class)
class StartIT {
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(30);

  private final Stage stage;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  StartIT(Stage stage) {
    this.stage = stage;
  }

  @ParameterizedTest
  @ValueSource(strings = {"STEWARD_PORT", "STEWARD_KAFKA_PORT"})
  void a_port_in_use_is_told_in_one_sentence(String setting) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> settings = settings();
      settings.put(setting, Integer.toString(taken.getLocalPort()));

      Steward steward = Steward.launch(directory, settings);
      int code = steward.awaitExit(REFUSED_WITHIN);

      assertNotEquals(0, code);
      assertTold(steward, Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void a_data_directory_in_use_is_told_in_one_sentence() throws Exception {
    Map<String, String> settings = settings();
    settings.put("STEWARD_DATA_DIR", stage.steward().dataDirectory().toString());

    Steward steward = Steward.launch(directory, settings);
    int code = steward.awaitExit(REFUSED_WITHIN);

    assertNotEquals(0, code);
    assertTold(steward, stage.steward().dataDirectory().toString());
    assertTrue(stage.steward().isReady(), "the first one goes on");
  }

  @Test
  void the_help_names_every_setting() throws Exception {
    Process help =
        new ProcessBuilder(Steward.repository().resolve("steward").toString(), "help")
            .redirectErrorStream(true)
            .start();
    String text =
        new String(help.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

    assertTrue(help.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, help.exitValue(), text);
    for (String setting :
        List.of(
            "STEWARD_PORT",
            "STEWARD_DATA_DIR",
            "STEWARD_API_KEY",
            "STEWARD_MODEL_BASE_URL",
            "STEWARD_MODEL_API_KEY",
            "STEWARD_SANDBOX",
            "STEWARD_KAFKA_PORT")) {
      assertTrue(text.contains(setting), setting + " in\n" + text);
    }
  }

  @Test
  void the_ready_line_the_key_and_the_pid_files_are_there() throws Exception {
    String output = stage.steward().output();

    assertTrue(
        output.contains("Steward is ready: " + stage.steward().baseUrl()),
        () -> output + stage.steward().logTail());
    for (long pid : stage.steward().pids()) {
      assertTrue(Processes.isRunning(pid), "process " + pid);
    }
    assertFalse(output.contains(stage.modelKey()), "the model's key is printed");
  }

  /// One sentence to a human: a line that names the thing, and no stack trace.
  private void assertTold(Steward steward, String named) throws Exception {
    String output = steward.output();
    assertTrue(output.lines().anyMatch(line -> line.contains(named)), output);
    assertFalse(output.contains("\tat "), output);
    Path data = steward.dataDirectory();
    assertTrue(
        !Files.exists(data) || Processes.mentioning(data.toString()).isEmpty(),
        () -> "processes left\n" + output);
  }

  private Map<String, String> settings() throws Exception {
    return new HashMap<>(Steward.settings(directory, stage.model().baseUrl(), "sk-ant-other-key"));
  }
}

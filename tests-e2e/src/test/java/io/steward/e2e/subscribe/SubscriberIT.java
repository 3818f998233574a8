package io.steward.e2e.subscribe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.model.Reply;
import io.steward.e2e.model.Script;
import io.steward.e2e.stage.OpenSession;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.Steward;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The subscriber of the README, as it is printed there, and `./steward tail`.
@ExtendWith(StageExtension.class)
class SubscriberIT {
  private static final long SECONDS_MAX = 60;
  private static final String PORT = "127.0.0.1:19092";

  @TempDir Path directory;

  private final Stage stage;

  SubscriberIT(Stage stage) {
    this.stage = stage;
  }

  /// A program and the lines it prints.
  private record Program(Process process, BlockingQueue<String> lines) implements AutoCloseable {
    static Program start(ProcessBuilder builder) throws Exception {
      Process process = builder.redirectErrorStream(true).start();
      BlockingQueue<String> lines = new LinkedBlockingQueue<>();
      Thread.ofVirtual()
          .start(() -> {
            try (BufferedReader reader =
                new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
              reader.lines().forEach(lines::add);
            } catch (java.io.IOException e) {
              lines.add("(closed)");
            }
          });
      return new Program(process, lines);
    }

    /// The lines up to one with all of these words.
    List<String> until(String... words) throws InterruptedException {
      List<String> seen = new ArrayList<>();
      do {
        String line = lines.poll(SECONDS_MAX, TimeUnit.SECONDS);
        assertTrue(line != null, "no line with " + List.of(words) + " after " + seen);
        seen.add(line);
      } while (!List.of(words).stream().allMatch(seen.getLast()::contains));
      return seen;
    }

    @Override
    public void close() throws Exception {
      process.destroy();
      assertTrue(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS));
    }
  }

  @Test
  void the_subscriber_of_the_readme_sees_a_turn() throws Exception {
    String readme = Files.readString(Steward.repository().resolve("README.md"));
    Matcher program = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    assertTrue(program.find(), "the README has no Java");
    String source = program.group(1);
    assertEquals(10, source.lines().count());
    assertTrue(source.contains(PORT), source);
    Matcher command =
        Pattern.compile("```\njava -cp '([^']+)' Subscriber.java\n```").matcher(readme);
    assertTrue(command.find(), "the README does not say how to run it");
    Path file =
        Files.writeString(
            directory.resolve("Subscriber.java"),
            source.replace(PORT, stage.steward().kafkaBootstrap()));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                command.group(1),
                file.toString())
            .directory(Steward.repository().toFile());

    try (OpenSession session = stage.plainSession(Script.of(Reply.text("a")));
        Program subscriber = Program.start(builder)) {
      session.turn("Hi");

      subscriber.until(session.id() + "/", "\"session.status_idle\"");
    }
  }

  @Test
  void tail_prints_the_events_of_a_session_and_ends_when_it_is_told_to() throws Exception {
    try (OpenSession session = stage.plainSession(Script.of(Reply.text("One"), Reply.text("Two")));
        OpenSession other = stage.plainSession(Script.of(Reply.text("Else")))) {
      session.turn("First");
      other.turn("Other");
      Program tail = tail(session.id(), "--from-beginning");
      List<String> before = tail.until("session.status_idle");
      session.turn("Second");
      List<String> after = tail.until("session.status_idle");

      assertTrue(before.getFirst().contains("session.created"), before.toString());
      assertTrue(before.stream().anyMatch(line -> line.endsWith("One")), before.toString());
      assertTrue(after.stream().anyMatch(line -> line.endsWith("Two")), after.toString());
      assertFalse((before + "" + after).contains(other.id()));
      assertFalse((before + "" + after).contains("\u001b"), "colours, and this is no terminal");
      new ProcessBuilder("kill", "-INT", Long.toString(tail.process().pid())).start().waitFor();
      assertTrue(tail.process().waitFor(SECONDS_MAX, TimeUnit.SECONDS));
      assertEquals(130, tail.process().exitValue());
    }
  }

  @Test
  void tail_refuses_what_is_no_session_with_a_sentence() throws Exception {
    try (Program tail = tail("sesn_1")) {
      List<String> lines = tail.until("is no id of a session");

      assertEquals(1, lines.size(), lines.toString());
      assertTrue(tail.process().waitFor(SECONDS_MAX, TimeUnit.SECONDS));
      assertEquals(1, tail.process().exitValue());
    }
  }

  private Program tail(String... words) throws Exception {
    // Who starts a build in the background has it ignore the signal of Ctrl-C, and all it starts.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Steward.repository().resolve("steward").toString());
    command.add("tail");
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(Steward.repository().toFile());
    builder.environment().put("KAFKA_BOOTSTRAP_SERVERS", stage.steward().kafkaBootstrap());
    return Program.start(builder);
  }
}

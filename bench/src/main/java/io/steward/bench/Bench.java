package io.steward.bench;

import io.steward.bench.model.TimedModel;
import io.steward.bench.report.Json;
import io.steward.bench.report.Markdown;
import io.steward.bench.report.Plot;
import io.steward.bench.report.Report;
import io.steward.bench.report.Section;
import io.steward.bench.scenario.Ground;
import io.steward.bench.scenario.Scenario;
import io.steward.bench.scenario.Scenarios;
import io.steward.bench.scenario.WarmUp;
import io.steward.bench.steward.Installation;
import io.steward.bench.steward.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// `./steward bench`: starts a Steward of its own, measures, and writes a report. Exit code 0 when
/// everything was measured, whether or not the targets held; 1 when not; 2 for wrong arguments.
public final class Bench {
  private Bench() {}

  /// @param arguments as `./steward help` says; the properties `steward.repository` and
  ///   `steward.bench.home` name the repository and a directory for the Steward's data
  public static void main(String[] arguments) throws Exception {
    Path repository = directory("steward.repository");
    BenchArguments wanted;
    try {
      wanted =
          BenchArguments.parse(
              List.of(arguments), Scenarios.names(), repository.resolve("bench/target/report"));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    System.exit(run(repository, directory("steward.bench.home"), wanted) ? 0 : 1);
  }

  private static boolean run(Path repository, Path home, BenchArguments wanted) throws Exception {
    Instant at = Instant.now();
    Machine machine = Machine.here(home);
    System.out.printf(
        "Measuring %s; the Steward of this run is in %s%n", String.join(", ", wanted.only()), home);
    List<Section> sections = new ArrayList<>();
    boolean complete = true;
    try (TimedModel model = TimedModel.start()) {
      try (Installation installation =
          Installation.start(repository, home, model.baseUrl(), TimedModel.KEY)) {
        Ground ground = Ground.on(installation, model, wanted.quick());
        complete = warmUp(ground, sections);
        for (Scenario scenario : Scenarios.ALL) {
          if (wanted.only().contains(scenario.name())) {
            complete &= measure(scenario, ground, sections);
          }
        }
        if (installation.isOver()) {
          return false; // Interrupted: what was written before is worth more than this.
        }
      }
    }
    Report report =
        new Report(
            machine,
            commit(repository),
            at,
            Duration.between(at, Instant.now()),
            wanted.quick(),
            sections);
    write(report, wanted.out());
    System.out.printf("%s The report is %s%n", report.verdict(), wanted.out().resolve("report.md"));
    return complete;
  }

  /// What cannot be warmed up may still be measured, but the report says so.
  private static boolean warmUp(Ground ground, List<Section> sections) throws InterruptedException {
    try {
      WarmUp.run(ground);
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failed("warm-up", "Not everything could be warmed up: " + e, ground, sections);
      return false;
    }
  }

  /// A scenario that fails is said so, and the others are measured all the same.
  private static boolean measure(Scenario scenario, Ground ground, List<Section> sections)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    try {
      Section section = scenario.run(ground);
      sections.add(section);
      System.out.printf(
          "%n%s (%d s)%n%n%s",
          section.name(),
          Duration.ofNanos(System.nanoTime() - startNanos).toSeconds(),
          Markdown.figures(section));
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failed(scenario.name(), "Could not be measured: " + e, ground, sections);
      return false;
    }
  }

  private static void failed(String name, String why, Ground ground, List<Section> sections) {
    sections.add(new Section(name, why));
    if (!ground.installation().isOver()) {
      System.err.printf("%n%s: %s%n", name, why);
    }
  }

  private static void write(Report report, Path out) throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("report.md"), Markdown.of(report));
    Files.writeString(out.resolve("report.json"), Json.of(report));
    for (Section section : report.sections()) {
      for (Plot plot : section.plots()) {
        Files.writeString(out.resolve(plot.file()), plot.svg());
      }
    }
  }

  private static String commit(Path repository) throws InterruptedException {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty")
              .directory(repository.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 ? commit : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static Path directory(String property) {
    String path = System.getProperty(property);
    if (path == null) {
      throw new IllegalStateException("the property " + property + " is not set");
    }
    return Path.of(path).toAbsolutePath().normalize();
  }
}

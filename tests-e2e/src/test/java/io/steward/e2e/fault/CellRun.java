package io.steward.e2e.fault;

import io.steward.e2e.fault.crowd.Agents;
import io.steward.e2e.fault.crowd.Crowd;
import io.steward.e2e.fault.crowd.Moment;
import io.steward.e2e.fault.crowd.Rendezvous;
import io.steward.e2e.stage.Processes;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/// Runs one cell on a running Steward: gathers a crowd, hits at the moment, waits until everybody
/// is done, and judges.
final class CellRun {
  private static final Duration AT_THE_MOMENT_WITHIN = Duration.ofSeconds(30);
  private static final Duration STREAMED_A_LITTLE = Duration.ofMillis(150);
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Saboteur saboteur;
  private final Agents agents;
  private final Cell cell;
  private final Rendezvous rendezvous;

  /// How long the second call of each session takes, in seconds; its digits are its name among the
  /// processes of the machine.
  private final double pause;

  CellRun(Saboteur saboteur, Agents agents, Cell cell) {
    this.saboteur = saboteur;
    this.agents = agents;
    this.cell = cell;
    this.rendezvous = Rendezvous.at(cell.moment(), cell.expectedArrivals());
    int seconds100000 = cell.moment() == Moment.WHILE_A_TOOL_RUNS ? 200_000 : 20_000;
    this.pause = (seconds100000 + ThreadLocalRandom.current().nextInt(1_000, 9_999)) / 100_000.0;
  }

  CellReport run() throws Exception {
    saboteur.awaitReady();
    try (Crowd crowd =
        Crowd.gather(saboteur.stage(), agents, rendezvous, step -> step == 2 ? pause : 0)) {
      int arrived = awaitMoment();
      long beginNanos = System.nanoTime();
      Saboteur.Done done = saboteur.strike(cell.victim(), cell.blow(), rendezvous::begin);
      rendezvous.finish();
      Aftermath aftermath = Aftermath.of(crowd, List.of(done.hit()), beginNanos);
      CellReport report =
          new CellReport(
              cell, arrived, crowd.nanosToNextRequest(done.endNanos()).orElse(-1) / 1e6, aftermath);
      if (report.isPassed()) {
        crowd.delete();
      } else {
        Path file = Steward.target().resolve("reports/faults/" + cell.fileName());
        aftermath.keep(file, report.row(), saboteur.stage().steward().logTail());
      }
      return report;
    }
  }

  private int awaitMoment() throws InterruptedException {
    if (cell.moment() == Moment.WHILE_A_TOOL_RUNS) {
      Thread.ofVirtual().name("watches processes").start(this::watchProcesses);
    }
    int arrived = rendezvous.awaitArrivals(AT_THE_MOMENT_WITHIN);
    if (cell.moment() == Moment.WHILE_IT_STREAMS) {
      LockSupport.parkNanos(STREAMED_A_LITTLE.toNanos());
    }
    return arrived;
  }

  private void watchProcesses() {
    String command = "sleep " + pause;
    try {
      while (Processes.mentioning(command).stream()
          .noneMatch(process -> process.strip().matches("\\d+ " + command))) {
        LockSupport.parkNanos(LOOK.toNanos());
      }
      rendezvous.arrive(Moment.WHILE_A_TOOL_RUNS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

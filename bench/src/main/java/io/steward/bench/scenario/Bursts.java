package io.steward.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// As many events as the log, the harness and the projection take when no model is asked: each
/// session gets a POST of many interrupts, and the next when its list has them all processed.
final class Bursts {
  private Bursts() {}

  static double eventsPerSecond(Ground ground, int sessions, int burst, Duration length)
      throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      ids.add(ground.plainSession());
    }
    long startNanos = System.nanoTime();
    List<Future<Integer>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String id : ids) {
        all.add(
            threads.submit(() -> {
              int events = 0;
              while (System.nanoTime() - startNanos < length.toNanos()) {
                ground.api().interrupt(id, burst);
                awaitProcessed(ground, id);
                events += burst;
              }
              return events;
            }));
      }
    }
    long events = 0;
    for (Future<Integer> one : all) {
      events += one.get();
    }
    return events / ((System.nanoTime() - startNanos) / 1e9);
  }

  /// Events are processed in their order, so the last one is enough. A list has everything that was
  /// on the log before it was asked for.
  private static void awaitProcessed(Ground ground, String id)
      throws IOException, InterruptedException {
    JsonNode newest;
    do {
      newest = ground.api().newestEvents(id, 1).path("data").path(0);
    } while (newest.path("processed_at").isNull() || newest.isMissingNode());
  }
}

package io.steward.devbox.kafka;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// The settings of the embedded broker: one node, loopback only, small buffers, and the short
/// timeouts that take-over needs (docs/adr and the log's design say why).
public final class BrokerProperties {
  /// The largest record batch, in bytes. Bodies above 256 kB go to the blob store, so this is only
  /// reached by what an operator writes.
  static final int MESSAGE_BYTES_MAX = 40 * 1024 * 1024;

  private BrokerProperties() {}

  /// The settings of a broker.
  ///
  /// @param port the listener for clients, on 127.0.0.1
  /// @param controllerPort the listener of the controller, on 127.0.0.1
  /// @param logs where the log is kept
  public static Properties of(int port, int controllerPort, Path logs) {
    Properties all = new Properties();
    all.setProperty("process.roles", "broker,controller");
    all.setProperty("node.id", "1");
    all.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    all.setProperty("controller.listener.names", "CONTROLLER");
    all.setProperty("inter.broker.listener.name", "PLAINTEXT");
    all.setProperty(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    all.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    all.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.setProperty("log.dirs", logs.toString());
    all.setProperty("auto.create.topics.enable", "false");
    all.setProperty("message.max.bytes", Integer.toString(MESSAGE_BYTES_MAX));
    all.setProperty("replica.fetch.max.bytes", Integer.toString(MESSAGE_BYTES_MAX));
    oneReplica(all);
    shortTimeouts(all);
    smallFootprint(all);
    return all;
  }

  /// Writes the settings to `file`.
  public static void write(Properties properties, Path file) throws IOException {
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(writer, "Written at each start");
    }
  }

  private static void oneReplica(Properties all) {
    all.setProperty("offsets.topic.replication.factor", "1");
    all.setProperty("offsets.topic.num.partitions", "4");
    all.setProperty("transaction.state.log.replication.factor", "1");
    all.setProperty("transaction.state.log.min.isr", "1");
    all.setProperty("transaction.state.log.num.partitions", "4");
    all.setProperty("share.coordinator.state.topic.replication.factor", "1");
    all.setProperty("share.coordinator.state.topic.min.isr", "1");
    all.setProperty("share.coordinator.state.topic.num.partitions", "2");
    all.setProperty("min.insync.replicas", "1");
  }

  private static void shortTimeouts(Properties all) {
    all.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
    all.setProperty("add.partitions.to.txn.retry.backoff.ms", "1");
    all.setProperty("group.min.session.timeout.ms", "500");
    all.setProperty("group.consumer.min.session.timeout.ms", "500");
    all.setProperty("group.consumer.min.heartbeat.interval.ms", "100");
    all.setProperty("group.initial.rebalance.delay.ms", "0");
    // A broker that comes back after a kill waits until the session of the one before is over.
    all.setProperty("broker.session.timeout.ms", "1500");
    all.setProperty("broker.heartbeat.interval.ms", "300");
  }

  private static void smallFootprint(Properties all) {
    all.setProperty("num.network.threads", "2");
    all.setProperty("num.io.threads", "4");
    all.setProperty("background.threads", "2");
    all.setProperty("num.recovery.threads.per.data.dir", "2");
    all.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    all.setProperty("log.cleaner.io.buffer.size", Integer.toString(256 * 1024));
    all.setProperty("log.segment.bytes", Integer.toString(64 * 1024 * 1024));
    all.setProperty("log.index.size.max.bytes", Integer.toString(1024 * 1024));
    all.setProperty("socket.request.max.bytes", Integer.toString(2 * MESSAGE_BYTES_MAX));
    all.setProperty("metadata.log.segment.bytes", Integer.toString(16 * 1024 * 1024));
    all.setProperty("metadata.max.idle.interval.ms", "5000");
  }
}

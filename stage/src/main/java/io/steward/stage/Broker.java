package io.steward.stage;

import io.steward.schemas.kafka.TopicProvisioning;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// A broker in this process, with every topic.
public final class Broker implements AutoCloseable {
  private final KafkaRaftServer server;
  private final String address;

  private Broker(KafkaRaftServer server, String address) {
    this.server = server;
    this.address = address;
  }

  /// A broker that keeps its log in `directory`.
  ///
  /// @param partitions of every topic whose key is a session
  public static Broker start(Path directory, int partitions) throws IOException {
    int port = freePort();
    return start(directory, partitions, port, port);
  }

  /// A broker at `port` that tells clients to come to `advertised`, where a [Relay] is.
  public static Broker start(Path directory, int partitions, int port, int advertised)
      throws IOException {
    Properties settings = settings(directory, port, freePort());
    settings.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised);
    Broker broker = new Broker(started(directory, settings), "127.0.0.1:" + advertised);
    TopicProvisioning.ensure(broker.address, partitions, (short) 1);
    return broker;
  }

  /// A broker without topics that lets nobody in but `user`, by SASL with PLAIN.
  public static Broker guarded(Path directory, String user, String password) throws IOException {
    return guarded(directory, "user_%s=\"%s\"".formatted(user, password), new Properties());
  }

  /// A broker without topics that lets two users in, by SASL with PLAIN: `owner`, who may do
  /// everything, and `guest`, who may do what ACLs say. Their passwords are their names.
  public static Broker withAccessControl(Path directory) throws IOException {
    Properties more = new Properties();
    more.setProperty(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    more.setProperty("super.users", "User:ANONYMOUS;User:owner");
    return guarded(directory, "user_owner=\"owner\" user_guest=\"guest\"", more);
  }

  private static Broker guarded(Path directory, String users, Properties more) throws IOException {
    int port = freePort();
    int inside = freePort();
    int controller = freePort();
    Properties settings = settings(directory, inside, controller);
    settings.setProperty(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,GUARDED://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(inside, port, controller));
    settings.setProperty(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT");
    settings.setProperty("sasl.enabled.mechanisms", "PLAIN");
    settings.setProperty(
        "listener.name.guarded.plain.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required %s;".formatted(users));
    settings.putAll(more);
    return new Broker(started(directory, settings), "127.0.0.1:" + port);
  }

  private static KafkaRaftServer started(Path directory, Properties settings) throws IOException {
    Path file = directory.resolve("server.properties");
    try (var out = Files.newBufferedWriter(file)) {
      settings.store(out, null);
    }
    String[] format = {
      "format", "--config", file.toString(), "--cluster-id", Uuid.randomUuid().toString()
    };
    if (StorageTool.execute(format, new PrintStream(OutputStream.nullOutputStream())) != 0) {
      throw new IOException("cannot format " + directory);
    }
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    server.startup();
    return server;
  }

  /// A broker at the port of an earlier one, which is closed, on its directory or on a copy of it.
  public static Broker reopen(Path directory) throws IOException {
    Properties settings = new Properties();
    try (var in = Files.newBufferedReader(directory.resolve("server.properties"))) {
      settings.load(in);
    }
    settings.setProperty("log.dirs", directory.resolve("log").toString());
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    server.startup();
    String advertised = settings.getProperty("advertised.listeners", "");
    return new Broker(server, advertised.substring(advertised.lastIndexOf('/') + 1));
  }

  public String address() {
    return address;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  /// A port that nobody listens at now.
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Properties settings(Path directory, int port, int controller) {
    Properties all = new Properties();
    all.setProperty("process.roles", "broker,controller");
    all.setProperty("node.id", "1");
    all.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controller);
    all.setProperty("controller.listener.names", "CONTROLLER");
    all.setProperty(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
    all.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.setProperty("log.dirs", directory.resolve("log").toString());
    all.setProperty("offsets.topic.replication.factor", "1");
    all.setProperty("offsets.topic.num.partitions", "4");
    all.setProperty("transaction.state.log.replication.factor", "1");
    all.setProperty("transaction.state.log.min.isr", "1");
    all.setProperty("transaction.state.log.num.partitions", "4");
    all.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
    all.setProperty("add.partitions.to.txn.retry.backoff.ms", "1");
    all.setProperty("group.min.session.timeout.ms", "500");
    all.setProperty("group.initial.rebalance.delay.ms", "0");
    all.setProperty("controlled.shutdown.enable", "false");
    all.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    return all;
  }
}

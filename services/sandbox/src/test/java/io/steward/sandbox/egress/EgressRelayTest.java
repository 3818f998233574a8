package io.steward.sandbox.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.trace.TraceContext;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The relay between real sockets.
@Timeout(30)
class EgressRelayTest {
  private static final String DEEP = "a-directory-with-a-rather-long-name";
  private static final String REQUEST = "GET http://example.com/ HTTP/1.1\r\n\r\n";

  @TempDir Path directory;

  private final ProxyStandIn proxy;
  private final SandboxToken token = SandboxToken.random();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Optional<TraceContext> trace = Optional.empty();

  EgressRelayTest() throws IOException {
    proxy = new ProxyStandIn();
  }

  @BeforeEach
  void shorten() throws IOException {
    Files.createSymbolicLink(directory.resolve("s"), deep());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    proxy.close();
  }

  /// A directory whose path is too long for the name of a socket.
  private Path deep() throws IOException {
    return Files.createDirectories(
        directory.resolve(String.join("/", Collections.nCopies(5, DEEP))));
  }

  private EgressRelay open(ProxyAddress address) throws IOException {
    EgressRelay relay =
        EgressRelay.open(
            deep().resolve("x.sock"), OptionalInt.empty(), address, token, () -> trace);
    opened.add(relay);
    return relay;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    opened.add(channel);
    channel.connect(UnixDomainSocketAddress.of(directory.resolve("s/x.sock")));
    return channel;
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
  }

  @Test
  void a_connection_begins_with_the_token_and_goes_both_ways() throws IOException {
    open(proxy.address());
    SocketChannel channel = connect();

    write(channel, "POST http://example.com/ HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
    write(channel, "y".repeat(1_000_000));

    assertTrue(readAll(channel).endsWith("\r\n\r\n1000000 bytes"));
    assertEquals(List.of(token.reveal()), proxy.tokens());
    assertEquals(List.of(), proxy.traces());
  }

  @Test
  void a_connection_says_which_call_it_is_part_of_when_calls_are_traced() throws IOException {
    open(proxy.address());
    String call = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    trace = TraceContext.of(call, "vendor=1");

    SocketChannel first = connect();
    write(first, REQUEST);
    SocketChannel second = connect();
    write(second, REQUEST);

    assertTrue(readAll(first).endsWith("0 bytes"));
    assertTrue(readAll(second).endsWith("0 bytes"));
    assertEquals(List.of(token.reveal(), token.reveal()), proxy.tokens());
    assertEquals(List.of(call, call), proxy.traces());
  }

  @Test
  void the_end_of_one_direction_leaves_the_other_open() throws IOException {
    open(proxy.address());
    SocketChannel channel = connect();

    write(channel, "POST http://example.com/end HTTP/1.1\r\n\r\n123");
    channel.shutdownOutput();

    assertTrue(readAll(channel).endsWith("\r\n\r\n3 bytes"));
  }

  @Test
  void connections_above_the_limit_are_closed_and_places_come_back() throws Exception {
    open(proxy.address());
    List<SocketChannel> held = new ArrayList<>();
    for (int i = 0; i < EgressRelay.CONNECTIONS_MAX; i++) {
      SocketChannel channel = connect();
      write(channel, "GET http://example.com/hold HTTP/1.1\r\n\r\n");
      held.add(channel);
    }
    proxy.awaitOpen(EgressRelay.CONNECTIONS_MAX);

    assertEquals("", readAll(connect()));

    proxy.release();
    for (SocketChannel channel : held) {
      assertTrue(readAll(channel).endsWith("held"));
      channel.close();
    }
    String answer = "";
    while (answer.isEmpty()) { // A place is free a moment after its connection was closed.
      answer = ask();
    }
    assertTrue(answer.endsWith("0 bytes"), answer);
  }

  /// What comes back, or nothing when the connection was closed.
  private String ask() {
    try {
      SocketChannel channel = connect();
      write(channel, REQUEST);
      return readAll(channel);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void a_proxy_that_is_away_is_an_answer_that_says_so() throws IOException {
    proxy.close();
    open(proxy.address());
    SocketChannel channel = connect();
    write(channel, REQUEST);
    channel.shutdownOutput();

    String answer = readAll(channel);

    assertTrue(answer.startsWith("HTTP/1.1 502 Bad Gateway"), answer);
    assertTrue(answer.contains("cannot be reached, so nothing leaves this sandbox now."), answer);
  }

  @Test
  void the_socket_is_this_users_alone_and_goes_with_the_relay() throws Exception {
    EgressRelay relay = open(proxy.address());
    SocketChannel channel = connect();
    write(channel, "GET http://example.com/hold HTTP/1.1\r\n\r\n");
    proxy.awaitOpen(1);
    Path socket = deep().resolve("x.sock");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));

    relay.close();

    assertFalse(Files.exists(socket));
    assertEquals("", readAll(channel));
  }
}

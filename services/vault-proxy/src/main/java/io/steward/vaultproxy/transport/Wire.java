package io.steward.vaultproxy.transport;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One of the two ways MCP goes over HTTP.
sealed interface Wire extends AutoCloseable permits StreamableWire, EventStreamWire {
  /// Sends a message. When it is a request, waits until its answer was received.
  ///
  /// @param requestId of a request, else null
  void send(byte[] message, @Nullable String requestId, Exchange exchange) throws ServerFailure;

  /// The server agreed to this version of the protocol.
  void negotiated(String version);

  /// Receives what the server says without being asked, from now on.
  void listen();

  /// Ends what is open, and tells the server if that is usual. May wait.
  @Override
  void close();

  /// Takes what comes from the server.
  @FunctionalInterface
  interface Inbox {
    /// @param message JSON of one message, or an array of some
    /// @return ids of the requests that are answered by it
    Set<String> receive(byte[] message) throws ServerFailure;
  }
}

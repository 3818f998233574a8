package io.steward.e2e.stage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Ports nobody listens on right now.
public final class Ports {
  private Ports() {}

  public static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

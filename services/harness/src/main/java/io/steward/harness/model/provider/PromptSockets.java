package io.steward.harness.model.provider;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import okhttp3.internal.platform.Jdk9Platform;
import okhttp3.internal.platform.Platform;

/// Sockets to providers that send what they are given at once. OkHttp writes a request in pieces of
/// 8 kB and leaves Nagle's algorithm on, so that the second piece waits until the other side has
/// acknowledged the first, which that side delays: a request of 20 kB took 44 ms on loopback, one
/// of 7 kB 2 ms. The SDKs of Anthropic and OpenAI let nobody choose the sockets; OkHttp's platform,
/// which connects them, is the only place left (ADR 35).
final class PromptSockets {
  private PromptSockets() {}

  /// From now on, in this process.
  static void use() {
    // OkHttp's class chooses a platform while it is initialized, from subclasses of its own. With
    // one of those, or of ours, initialized first, it would find them half made and fail for good.
    Platform.Companion.get();
    Platform.Companion.resetForTests(new Prompt());
  }

  private static final class Prompt extends Jdk9Platform {
    @Override
    public void connectSocket(Socket socket, InetSocketAddress address, int connectTimeout)
        throws IOException {
      socket.setTcpNoDelay(true);
      super.connectSocket(socket, address, connectTimeout);
    }
  }
}

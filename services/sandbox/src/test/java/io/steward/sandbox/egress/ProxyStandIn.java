package io.steward.sandbox.egress;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Stands for the egress proxy: a TCP server that takes a connection only when it begins with
/// exactly the header of the PROXY protocol it should, notes the token, and answers one request.
///
/// | request line has | answer |
/// | --- | --- |
/// | `/hold` | 200 once [#release] was called |
/// | `/large` | 200 and a million bytes `x` |
/// | `/end` | 200 and the number of bytes until the end of what was sent |
/// | anything else | 200 and the number of bytes of the body, by `Content-Length` |
public final class ProxyStandIn implements AutoCloseable {
  public static final int LARGE_BYTES = 1_000_000;

  private static final String START = "0d0a0d0a000d0a515549540a2000";

  private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<String> traces = new CopyOnWriteArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private int open;
  private int openMost;

  public ProxyStandIn() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  public ProxyAddress address() {
    return new ProxyAddress("127.0.0.1", server.getLocalPort());
  }

  /// Tokens of the connections, in order.
  public List<String> tokens() {
    return List.copyOf(tokens);
  }

  /// The calls that connections said they are part of.
  public List<String> traces() {
    return List.copyOf(traces);
  }

  /// What was wrong with connections.
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /// The most requests that were held at once.
  public synchronized int openMost() {
    return openMost;
  }

  /// Waits until `count` requests are held at once.
  public synchronized void awaitOpen(int count) throws InterruptedException {
    while (open < count) {
      wait();
    }
  }

  /// Answers requests that are held, and those to come.
  public void release() {
    released.countDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      released.countDown(); // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      tokens.add(token(in));
      String head = head(in);
      byte[] body = body(head, in);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      faults.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String token(DataInputStream in) throws IOException {
    String start = HexFormat.of().formatHex(in.readNBytes(14));
    int length = in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int tokenLength = in.readUnsignedShort();
    if (!start.equals(START) || type != 0xE0 || length < tokenLength + 3) {
      throw new IOException("header " + start + " " + length + " " + type + " " + tokenLength);
    }
    String token = new String(in.readNBytes(tokenLength), StandardCharsets.US_ASCII);
    if (length > tokenLength + 3) {
      int second = in.readUnsignedByte();
      int traceLength = in.readUnsignedShort();
      if (second != 0xE1 || length != tokenLength + traceLength + 6) {
        throw new IOException("header " + length + " " + second + " " + traceLength);
      }
      traces.add(new String(in.readNBytes(traceLength), StandardCharsets.US_ASCII));
    }
    return token;
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("it ended in its head");
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private byte[] body(String head, InputStream in) throws IOException, InterruptedException {
    String line = head.lines().findFirst().orElse("");
    if (line.contains("/hold")) {
      hold();
      return text("held");
    }
    if (line.contains("/large")) {
      return text("x".repeat(LARGE_BYTES));
    }
    long length =
        line.contains("/end")
            ? in.transferTo(OutputStream.nullOutputStream())
            : in.readNBytes(contentLength(head)).length;
    return text(length + " bytes");
  }

  private void hold() throws InterruptedException {
    synchronized (this) {
      open++;
      openMost = Math.max(openMost, open);
      notifyAll();
    }
    released.await();
    synchronized (this) {
      open--;
    }
  }

  private static int contentLength(String head) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
        .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElse(0);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

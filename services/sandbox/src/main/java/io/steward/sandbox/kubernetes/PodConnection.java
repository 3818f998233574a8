package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.steward.sandbox.shim.Connection;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One program in a pod and its three streams, over one WebSocket. What it writes is asked for only
/// while fewer than 32 kB of the stream wait here; what it is sent waits here up to 16 MiB, then
/// writing blocks. Both streams it writes have to be read, or neither goes on.
///
/// The protocol cannot end the standard input alone: a program that has to know where its input
/// ends is told in the input.
final class PodConnection implements Connection {
  /// Stays until the program ended, with all three streams open: containerd ends the standard input
  /// as soon as one of the others is closed, and programs do close what they do not need.
  private static final List<String> HOLDER =
      List.of("bash", "--noprofile", "--norc", "-c", "\"$@\"; exit $?", "holder");

  private final ExecWatch exec;
  private final OutputStream orders;
  private final InputStream frames;
  private final InputStream output;

  private PodConnection(ExecWatch exec) {
    this.exec = exec;
    this.orders = new ChunkedOrders(exec.getInput());
    this.frames = new EndingStream(exec.getOutput(), exec.exitCode());
    this.output = new EndingStream(exec.getError(), exec.exitCode());
  }

  /// Starts `command` in the container of a pod.
  ///
  /// @throws IOException when the API server or the node refuses or does not answer
  static PodConnection open(
      KubernetesClient client, String namespace, String pod, List<String> command)
      throws IOException {
    List<String> held = new ArrayList<>(HOLDER);
    held.addAll(command);
    try {
      return new PodConnection(
          client
              .pods()
              .inNamespace(namespace)
              .withName(pod)
              .inContainer(PodSpecs.CONTAINER)
              .redirectingInput()
              .redirectingOutput()
              .redirectingError()
              .exec(held.toArray(String[]::new)));
    } catch (KubernetesClientException e) {
      throw new IOException("no program could be started in the pod " + pod, e);
    }
  }

  @Override
  public OutputStream orders() {
    return orders;
  }

  @Override
  public InputStream frames() {
    return frames;
  }

  @Override
  public InputStream output() {
    return output;
  }

  @Override
  public boolean isAlive() {
    return !exec.exitCode().isDone();
  }

  @Override
  public OptionalInt exitCode() {
    CompletableFuture<Integer> code = exec.exitCode();
    return code.isDone() && !code.isCompletedExceptionally() && code.getNow(null) != null
        ? OptionalInt.of(code.getNow(null))
        : OptionalInt.empty();
  }

  @Override
  public boolean awaitEnd(Duration longest) {
    try {
      exec.exitCode().get(longest.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void kill() {
    exec.close();
  }

  /// A message of the WebSocket holds no more than API servers take.
  private static final class ChunkedOrders extends OutputStream {
    private static final int CHUNK_BYTES = 32 * 1024;

    private final OutputStream out;

    ChunkedOrders(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        for (int done = 0; done < length; done += CHUNK_BYTES) {
          out.write(bytes, offset + done, Math.min(CHUNK_BYTES, length - done));
        }
      } catch (KubernetesClientException e) {
        throw new IOException("the connection to the pod broke", e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (KubernetesClientException e) {
        throw new IOException("the connection to the pod broke", e);
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /// Ends where the program ended, whatever its code was.
  private static final class EndingStream extends FilterInputStream {
    private final CompletableFuture<Integer> end;

    EndingStream(@Nullable InputStream in, CompletableFuture<Integer> end) {
      super(in == null ? InputStream.nullInputStream() : in);
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0; // The client would wait for data.
      }
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        if (end.isDone() && !end.isCompletedExceptionally()) {
          return -1;
        }
        throw e;
      }
    }
  }
}

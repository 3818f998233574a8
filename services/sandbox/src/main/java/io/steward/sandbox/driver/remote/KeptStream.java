package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.Connection;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A stream the inside keeps, read piece by piece over one attachment after another, see the script
/// `attach`. For one thread, but for [#position()].
///
/// Memory: one piece.
final class KeptStream extends InputStream {
  /// Largest piece, in bytes. A segment of the script `spool` has little more than 1 MiB.
  static final int PIECE_BYTES_MAX = 4 * 1024 * 1024;

  /// Longest line that is held back until it is whole, in bytes; the shim keeps below PIPE_BUF.
  private static final int LINE_BYTES_MAX = 8192;

  private static final int HEAD_BYTES_MAX = 64;
  private static final String RECEIPT = "ok ";

  private final Function<Connection, InputStream> part;
  private final UnaryOperator<@Nullable Connection> next;
  private final @Nullable Consumer<String> receipts;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private @Nullable Connection attachment;
  private byte[] ready = new byte[0];
  private int at;
  private volatile String position;

  private KeptStream(
      Function<Connection, InputStream> part,
      String from,
      UnaryOperator<@Nullable Connection> next,
      @Nullable Consumer<String> receipts) {
    this.part = part;
    this.position = from;
    this.next = next;
    this.receipts = receipts;
  }

  /// @param from where it begins
  /// @param next the attachment after one that broke, or null at the end
  /// @param receipts hears lines that are receipts of orders; the reader does not see them
  static KeptStream frames(
      String from, UnaryOperator<@Nullable Connection> next, Consumer<String> receipts) {
    return new KeptStream(Connection::frames, from, next, receipts);
  }

  static KeptStream output(String from, UnaryOperator<@Nullable Connection> next) {
    return new KeptStream(Connection::output, from, next, null);
  }

  /// Where the next attachment begins, as the script `attach` reads it.
  String position() {
    return position;
  }

  @Override
  public int read() throws IOException {
    return fill() ? ready[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int taken = Math.min(length, ready.length - at);
    System.arraycopy(ready, at, bytes, offset, taken);
    at += taken;
    return taken;
  }

  /// Has something ready. False at the end.
  private boolean fill() throws IOException {
    while (at == ready.length) {
      Connection current = attachment;
      if (current == null) {
        attachment = next.apply(null);
        if (attachment == null) {
          return false;
        }
        continue;
      }
      byte[] piece;
      try {
        piece = piece(part.apply(current));
      } catch (IOException e) {
        attachment = next.apply(current);
        if (attachment == null) {
          return false;
        }
        continue;
      }
      ready = receipts == null ? piece : withoutReceipts(piece, receipts);
      at = 0;
    }
    return true;
  }

  /// The next piece as far as it is new, with a note in front where something is missing.
  private byte[] piece(InputStream in) throws IOException {
    String[] head = head(in).split(" ");
    long from = number(head[0]);
    long length = head.length == 2 ? number(head[1]) : -1;
    if (from < 0 || length < 0 || length > PIECE_BYTES_MAX) {
      throw new IOException("not the head of a piece");
    }
    byte[] bytes = in.readNBytes((int) length);
    long known = number(position);
    long missing = known < 0 ? 0 : from - known;
    if (missing > 0 && receipts != null) {
      throw new IOException(missing + " bytes of frames are missing");
    }
    int old = (int) Math.min(bytes.length, Math.max(0, -missing));
    position = Long.toString(Math.max(known, from + bytes.length));
    if (missing <= 0) {
      return old == 0 ? bytes : Arrays.copyOfRange(bytes, old, bytes.length);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(
        "\n[%d bytes of output are missing: nobody took them in time]\n"
            .formatted(missing)
            .getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(bytes);
    return all.toByteArray();
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      if (head.length() == HEAD_BYTES_MAX) {
        throw new IOException("not the head of a piece");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private byte[] withoutReceipts(byte[] piece, Consumer<String> heard) throws IOException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    for (byte b : piece) {
      line.write(b);
      if (b == '\n') {
        String text = line.toString(StandardCharsets.US_ASCII);
        if (text.startsWith(RECEIPT)) {
          heard.accept(text.strip());
        } else {
          line.writeTo(rest);
        }
        line.reset();
      } else if (line.size() > LINE_BYTES_MAX) {
        throw new IOException("a line of frames is too long");
      }
    }
    return rest.toByteArray();
  }
}

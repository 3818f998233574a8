package io.steward.sandbox.output;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;

/// Counts and hashes what is read through it, keeps the beginning, and breaks off when it must.
final class MeasuredStream extends InputStream {
  private static final int HEAD_BYTES_MAX = 4096;

  private final InputStream in;
  private final long bytesMax;
  private final BooleanSupplier stopped;
  private final MessageDigest digest;
  private final byte[] head = new byte[HEAD_BYTES_MAX];
  private long bytes;

  /// @param bytesMax more cannot be read
  MeasuredStream(InputStream in, long bytesMax, BooleanSupplier stopped) {
    this.in = in;
    this.bytesMax = bytesMax;
    this.stopped = stopped;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (stopped.getAsBoolean()) {
      throw new IOException("it is not wanted any more");
    }
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      if (bytes < HEAD_BYTES_MAX) {
        int kept = (int) Math.min(read, HEAD_BYTES_MAX - bytes);
        System.arraycopy(buffer, offset, head, (int) bytes, kept);
      }
      bytes += read;
      digest.update(buffer, offset, read);
      if (bytes > bytesMax) {
        throw new IOException("the file grew beyond " + bytesMax + " bytes while it was read");
      }
    }
    return read;
  }

  long bytes() {
    return bytes;
  }

  /// The first bytes, up to 4,096.
  byte[] head() {
    return Arrays.copyOf(head, (int) Math.min(bytes, HEAD_BYTES_MAX));
  }

  /// The hash of all that was read, in lower-case hexadecimal digits. Only once.
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

package io.steward.schemas.blob.s3;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// The bytes of an object. A store ends connections whose reader is slow; what is missing is asked
/// for again, of the same object, a few times without a byte in between. Closing it early ends the
/// connection and does not wait for the rest.
final class ObjectReader extends InputStream {
  private static final int RESUMPTIONS_MAX = 3;

  private final S3Client client;
  private final String bucket;
  private final String object;
  private final String key;
  private final String tag;
  private final long length;
  private ResponseInputStream<GetObjectResponse> current;
  private long position;
  private int resumed;
  private boolean closed;

  private ObjectReader(
      S3Client client,
      String bucket,
      String object,
      String key,
      ResponseInputStream<GetObjectResponse> first) {
    this.client = client;
    this.bucket = bucket;
    this.object = object;
    this.key = key;
    this.current = first;
    this.tag = Objects.requireNonNullElse(first.response().eTag(), "*");
    this.length = Objects.requireNonNullElse(first.response().contentLength(), -1L);
  }

  /// @param object the key in the bucket
  /// @param key as our callers know it
  /// @throws java.nio.file.NoSuchFileException when there is none
  static ObjectReader open(S3Client client, String bucket, String object, String key)
      throws IOException {
    return new ObjectReader(
        client, bucket, object, key, S3BlobStore.read(client, bucket, object, key, 0, "*"));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    if (closed) {
      throw new IOException("the stream of the blob " + key + " is closed");
    }
    if (count == 0) {
      return 0;
    }
    while (true) {
      try {
        int read = current.read(bytes, offset, count);
        if (read > 0) {
          position += read;
          resumed = 0;
          return read;
        }
        if (read < 0 && (length < 0 || position >= length)) {
          return -1;
        }
        resume(new IOException("the blob " + key + " ends after " + position + " bytes"));
      } catch (SdkException e) {
        resume(new IOException("the blob " + key + " cannot be read", e));
      } catch (IOException e) {
        resume(e);
      }
    }
  }

  private void resume(IOException cause) throws IOException {
    current.abort();
    if (++resumed > RESUMPTIONS_MAX) {
      throw cause;
    }
    try {
      current = S3BlobStore.read(client, bucket, object, key, position, tag);
    } catch (IOException e) {
      e.addSuppressed(cause);
      resumed = RESUMPTIONS_MAX; // The SDK has tried again already.
      throw e;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      current.abort();
    }
  }
}

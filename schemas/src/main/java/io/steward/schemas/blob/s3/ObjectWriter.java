package io.steward.schemas.blob.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/// Writes one object. What fits into one part is one request; the rest is a multipart upload, which
/// is given up when anything fails, so that nothing of it is stored. The parts of a process that
/// dies in the middle are seen by nobody; a rule of the bucket should remove them.
final class ObjectWriter {
  /// The least that S3 takes as a part, unless it is the last.
  static final int PART_BYTES = 5 * 1024 * 1024;

  /// The most parts that S3 takes: objects have at most 50,000 MiB.
  private static final int PARTS_MAX = 10_000;

  private static final Duration PART_MAX = Duration.ofMinutes(1);
  private static final Duration COMPLETION_MAX = Duration.ofMinutes(5);

  private final S3Client client;
  private final String bucket;
  private final String object;

  ObjectWriter(S3Client client, String bucket, String object) {
    this.client = client;
    this.bucket = bucket;
    this.object = object;
  }

  void write(byte[] bytes) throws IOException {
    try {
      var _ =
          client.putObject(
              put ->
                  put.bucket(bucket)
                      .key(object)
                      .overrideConfiguration(S3BlobStore.within(PART_MAX)),
              body(bytes));
    } catch (SdkException e) {
      throw failure(e);
    }
  }

  /// @return how many bytes were written
  long write(InputStream content) throws IOException {
    byte[] first = content.readNBytes(PART_BYTES);
    if (first.length < PART_BYTES) {
      write(first);
      return first.length;
    }
    String upload = begin();
    try {
      return complete(upload, first, content);
    } catch (IOException | RuntimeException | Error e) {
      abort(upload, e);
      throw e;
    }
  }

  private String begin() throws IOException {
    try {
      return client.createMultipartUpload(create -> create.bucket(bucket).key(object)).uploadId();
    } catch (SdkException e) {
      throw failure(e);
    }
  }

  private long complete(String upload, byte[] first, InputStream content) throws IOException {
    List<CompletedPart> parts = new ArrayList<>();
    long written = 0;
    byte[] part = first;
    while (part.length > 0) {
      if (parts.size() == PARTS_MAX) {
        throw new IOException("the blob has more than " + PARTS_MAX + " parts of 5 MiB");
      }
      parts.add(send(upload, parts.size() + 1, part));
      written += part.length;
      part = part.length < PART_BYTES ? new byte[0] : content.readNBytes(PART_BYTES);
    }
    try {
      var _ =
          client.completeMultipartUpload(complete ->
              complete
                  .bucket(bucket)
                  .key(object)
                  .uploadId(upload)
                  .multipartUpload(all -> all.parts(parts))
                  .overrideConfiguration(S3BlobStore.within(COMPLETION_MAX)));
    } catch (SdkException e) {
      throw failure(e);
    }
    return written;
  }

  private CompletedPart send(String upload, int number, byte[] bytes) throws IOException {
    try {
      String tag =
          client
              .uploadPart(
                  part ->
                      part.bucket(bucket)
                          .key(object)
                          .uploadId(upload)
                          .partNumber(number)
                          .overrideConfiguration(S3BlobStore.within(PART_MAX)),
                  body(bytes))
              .eTag();
      return CompletedPart.builder().partNumber(number).eTag(tag).build();
    } catch (SdkException e) {
      throw failure(e);
    }
  }

  private void abort(String upload, Throwable reason) {
    try {
      var _ =
          client.abortMultipartUpload(abort -> abort.bucket(bucket).key(object).uploadId(upload));
    } catch (SdkException e) {
      reason.addSuppressed(e); // The rule of the bucket removes it.
    }
  }

  /// The bytes as they are: the SDK would copy them.
  private static RequestBody body(byte[] bytes) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes), bytes.length, "application/octet-stream");
  }

  private IOException failure(SdkException failure) {
    return new IOException("the blob " + object + " cannot be stored", failure);
  }
}

package io.steward.schemas.blob.s3;

import io.steward.schemas.blob.BlobKey;
import io.steward.schemas.blob.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// A [BlobStore] in a bucket that speaks S3's protocol, for clusters. An object is there with its
/// last byte or not at all, and what was put can be read at once, as S3 promises.
///
/// A stream of unknown length goes up in parts of 5 MiB, one of them in memory at a time. A copy is
/// made by the store, of at most 5 GiB. Failed requests are tried three times by the SDK; then, or
/// when it took too long, an [IOException] says so.
public final class S3BlobStore implements BlobStore, AutoCloseable {
  private static final int ATTEMPTS_MAX = 3;
  private static final int CONNECTIONS_MAX = 128;
  private static final int PAGE_KEYS_MAX = 1_000;
  private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
  private static final Duration CONNECTION_WAIT_MAX = Duration.ofSeconds(5);
  private static final Duration SILENCE_MAX = Duration.ofSeconds(8);
  private static final Duration IDLE_MAX = Duration.ofSeconds(30);
  private static final Duration CALL_MAX = Duration.ofSeconds(9);
  private static final Duration COPY_MAX = Duration.ofMinutes(5);
  private static final Region SOMEWHERE = Region.US_EAST_1;

  private final S3Client client;
  private final S3Place place;
  private final int pageKeysMax;

  /// @param client is closed with this store
  /// @param pageKeysMax how many objects are listed and deleted at once, from 1 to 1,000
  S3BlobStore(S3Client client, S3Place place, int pageKeysMax) {
    this.client = client;
    this.place = place;
    this.pageKeysMax = pageKeysMax;
  }

  /// The store at `place`; credentials come from where the AWS SDK looks for them.
  ///
  /// @throws IllegalArgumentException with one sentence when no region is known
  static S3BlobStore open(S3Place place) {
    try {
      return new S3BlobStore(builder(place).build(), place, PAGE_KEYS_MAX);
    } catch (SdkException e) {
      throw new IllegalArgumentException(
          "STEWARD_BLOB_S3_REGION is not set and the AWS SDK finds no region either: "
              + e.getMessage(),
          e);
    }
  }

  /// A client with our limits.
  static S3ClientBuilder builder(S3Place place) {
    S3ClientBuilder builder =
        S3Client.builder()
            .forcePathStyle(place.pathStyle())
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(CONNECTIONS_MAX)
                    .connectionTimeout(CONNECT_MAX)
                    .connectionAcquisitionTimeout(CONNECTION_WAIT_MAX)
                    .connectionMaxIdleTime(IDLE_MAX)
                    .socketTimeout(SILENCE_MAX))
            .overrideConfiguration(all ->
                all.apiCallTimeout(CALL_MAX)
                    .retryStrategy(
                        DefaultRetryStrategy.standardStrategyBuilder()
                            .maxAttempts(ATTEMPTS_MAX)
                            .build()));
    place.region().map(Region::of).ifPresent(builder::region);
    place
        .endpoint()
        .ifPresent(endpoint -> {
          builder.endpointOverride(endpoint);
          // Many stores do not know the newer checksums.
          builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
          builder.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
          if (place.region().isEmpty()) {
            builder.region(SOMEWHERE);
          }
        });
    return builder;
  }

  @Override
  public void put(String key, byte[] bytes) throws IOException {
    new ObjectWriter(client, place.bucket(), object(key)).write(bytes);
  }

  @Override
  public long put(String key, InputStream content) throws IOException {
    return new ObjectWriter(client, place.bucket(), object(key)).write(content);
  }

  @Override
  public void copy(String from, String to) throws IOException {
    String source = object(from);
    String target = object(to);
    try {
      var _ =
          client.copyObject(copy ->
              copy.sourceBucket(place.bucket())
                  .sourceKey(source)
                  .destinationBucket(place.bucket())
                  .destinationKey(target)
                  .overrideConfiguration(within(COPY_MAX)));
    } catch (SdkException e) {
      throw failure("copied", from, e);
    }
  }

  @Override
  public InputStream open(String key) throws IOException {
    return ObjectReader.open(client, place.bucket(), object(key), key);
  }

  @Override
  public byte[] get(String key) throws IOException {
    try (InputStream content = open(key)) {
      return content.readAllBytes();
    }
  }

  @Override
  public void delete(String key) throws IOException {
    String object = object(key);
    try {
      var _ = client.deleteObject(delete -> delete.bucket(place.bucket()).key(object));
    } catch (NoSuchKeyException e) {
      // Some stores say so; it is what was wanted.
    } catch (SdkException e) {
      throw failure("deleted", key, e);
    }
  }

  @Override
  public void deleteAll(String prefix) throws IOException {
    String objects = object(prefix) + "/";
    try {
      ListObjectsV2Response page;
      do {
        // Always the first page: what it named is gone then.
        page =
            client.listObjectsV2(
                list -> list.bucket(place.bucket()).prefix(objects).maxKeys(pageKeysMax));
        delete(prefix, page);
      } while (Boolean.TRUE.equals(page.isTruncated()));
    } catch (SdkException e) {
      throw failure("deleted", prefix, e);
    }
  }

  private void delete(String prefix, ListObjectsV2Response page) throws IOException {
    List<ObjectIdentifier> named =
        page.contents().stream()
            .map(object -> ObjectIdentifier.builder().key(object.key()).build())
            .toList();
    if (named.isEmpty()) {
      return;
    }
    List<S3Error> left =
        client
            .deleteObjects(delete ->
                delete.bucket(place.bucket()).delete(objects -> objects.objects(named).quiet(true)))
            .errors();
    if (!left.isEmpty()) {
      throw new IOException(
          "%d blobs below %s cannot be deleted: %s"
              .formatted(left.size(), prefix, left.getFirst().code()));
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private String object(String key) {
    return place.prefix() + BlobKey.checked(key);
  }

  static AwsRequestOverrideConfiguration within(Duration max) {
    return AwsRequestOverrideConfiguration.builder().apiCallTimeout(max).build();
  }

  /// A key that is not there is gone for ever; a bucket that is not there, or refuses, says nothing
  /// about its blobs.
  static IOException failure(String what, String key, SdkException failure) {
    if (failure instanceof NoSuchKeyException
        || failure instanceof S3Exception refused
            && refused.awsErrorDetails() != null
            && "NoSuchKey".equals(refused.awsErrorDetails().errorCode())) {
      NoSuchFileException missing = new NoSuchFileException(key);
      missing.initCause(failure);
      return missing;
    }
    return new IOException("the blob " + key + " cannot be " + what, failure);
  }

  /// What a stream of an object needs.
  static ResponseInputStream<GetObjectResponse> read(
      S3Client client, String bucket, String object, String key, long from, String tag)
      throws IOException {
    try {
      return client.getObject(get -> {
        get.bucket(bucket).key(object);
        if (from > 0) {
          get.range("bytes=" + from + "-").ifMatch(tag);
        }
      });
    } catch (SdkException e) {
      throw failure("read", key, e);
    }
  }
}

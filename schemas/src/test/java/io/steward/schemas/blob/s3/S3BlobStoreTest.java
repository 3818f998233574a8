package io.steward.schemas.blob.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.BlobStoreContract;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Real requests with real signatures, to a server on this machine that keeps objects in a
/// directory.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class S3BlobStoreTest extends BlobStoreContract {
  private static final String PREFIX = "steward/blobs/";
  private static final int PAGE = 3;

  private final S3Server server;
  private final S3Client client;
  private final S3BlobStore store;
  private final List<S3BlobStore> others = new ArrayList<>();

  S3BlobStoreTest(@TempDir Path directory) throws IOException {
    server = S3Server.start(directory);
    S3Place place = server.place(S3Server.BUCKET, PREFIX);
    client = S3Server.client(place);
    store = new S3BlobStore(client, place, PAGE);
  }

  @BeforeAll
  void another_installation_shares_the_bucket() throws IOException {
    inBucket(S3Server.BUCKET, "other/").put("sesn_1/rec_1", new byte[] {9});
  }

  @BeforeEach
  void nothing_is_stored() throws IOException {
    for (String key : stored()) {
      store.delete(key);
    }
  }

  @AfterEach
  void close() {
    others.forEach(S3BlobStore::close);
    others.clear();
  }

  @AfterAll
  void stop() throws IOException {
    assertEquals(
        1, client.listObjectsV2(list -> list.bucket(S3Server.BUCKET).prefix("other/")).keyCount());
    store.close();
    server.close();
  }

  @Override
  protected BlobStore store() {
    return store;
  }

  /// An address at which nobody listens.
  @Override
  protected BlobStore away() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    S3Place nowhere =
        new S3Place(
            S3Server.BUCKET,
            PREFIX,
            Optional.of("eu-test-1"),
            Optional.of(URI.create("http://127.0.0.1:" + port)),
            true);
    return opened(nowhere);
  }

  @Override
  protected List<String> stored() {
    List<String> found = new ArrayList<>();
    client
        .listObjectsV2Paginator(list -> list.bucket(S3Server.BUCKET).prefix(PREFIX))
        .contents()
        .stream()
        .map(S3Object::key)
        .map(key -> key.substring(PREFIX.length()))
        .forEach(found::add);
    client.listMultipartUploads(list -> list.bucket(S3Server.BUCKET)).uploads().stream()
        .map(MultipartUpload::key)
        .forEach(found::add);
    return found;
  }

  @Test
  void deleting_a_session_takes_more_blobs_than_one_page_has() throws IOException {
    for (int i = 0; i < 2 * PAGE + 1; i++) {
      store.put("sesn_1/rec_" + i, new byte[] {1});
    }

    store.deleteAll("sesn_1");

    assertEquals(List.of(), stored());
  }

  @Test
  void a_bucket_that_is_not_there_says_nothing_about_its_blobs() {
    BlobStore elsewhere = inBucket("no-such-bucket", PREFIX);

    IOException failure = assertThrows(IOException.class, () -> elsewhere.get("sesn_1/rec_1"));
    assertFalse(failure instanceof NoSuchFileException, failure::toString);
    assertThrows(IOException.class, () -> elsewhere.put("sesn_1/rec_1", new byte[] {1}));
  }

  private S3BlobStore inBucket(String bucket, String prefix) {
    return opened(server.place(bucket, prefix));
  }

  private S3BlobStore opened(S3Place place) {
    S3BlobStore opened = new S3BlobStore(S3Server.client(place), place, PAGE);
    others.add(opened);
    return opened;
  }
}

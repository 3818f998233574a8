package io.steward.schemas.blob.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.blob.DirectoryBlobStore;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3PlaceTest {
  private record Settings(Map<String, String> all) implements S3Settings {
    @Override
    public Optional<String> bucket() {
      return Optional.ofNullable(all.get("BUCKET"));
    }

    @Override
    public Optional<String> prefix() {
      return Optional.ofNullable(all.get("PREFIX"));
    }

    @Override
    public Optional<String> region() {
      return Optional.ofNullable(all.get("REGION"));
    }

    @Override
    public Optional<String> endpoint() {
      return Optional.ofNullable(all.get("ENDPOINT"));
    }

    @Override
    public Optional<String> pathStyle() {
      return Optional.ofNullable(all.get("PATH_STYLE"));
    }
  }

  @Test
  void without_a_bucket_blobs_are_in_the_directory() {
    assertInstanceOf(
        DirectoryBlobStore.class,
        BlobStores.open(Path.of("blobs"), new Settings(Map.of("BUCKET", " "))));
  }

  @Test
  void with_a_bucket_they_are_there() {
    Settings settings = new Settings(Map.of("BUCKET", "blobs", "REGION", "eu-central-1"));

    try (S3BlobStore store =
        assertInstanceOf(S3BlobStore.class, BlobStores.open(Path.of("blobs"), settings))) {
      assertEquals(
          Optional.of(
              new S3Place("blobs", "", Optional.of("eu-central-1"), Optional.empty(), false)),
          S3Place.of(settings));
    }
  }

  @Test
  void a_store_of_ones_own_has_an_address() {
    assertEquals(
        Optional.of(
            new S3Place(
                "blobs",
                "steward/blobs/",
                Optional.empty(),
                Optional.of(URI.create("http://minio:9000")),
                true)),
        S3Place.of(
            new Settings(
                Map.of(
                    "BUCKET", "blobs",
                    "PREFIX", "steward/blobs",
                    "ENDPOINT", "http://minio:9000",
                    "PATH_STYLE", "true"))));
  }

  @ParameterizedTest
  @CsvSource({
    "BUCKET, Blobs",
    "BUCKET, ab",
    "BUCKET, a/b",
    "PREFIX, /blobs",
    "PREFIX, ../blobs",
    "REGION, eu central",
    "ENDPOINT, minio:9000",
    "ENDPOINT, ftp://minio",
    "ENDPOINT, https://user:secret-word@minio",
    "PATH_STYLE, yes"
  })
  void a_setting_that_cannot_be_used_is_named(String name, String value) {
    Map<String, String> all = new HashMap<>(Map.of("BUCKET", "blobs"));
    all.put(name, value);

    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> BlobStores.open(Path.of("blobs"), new Settings(Map.copyOf(all))));

    String sentence = String.valueOf(refused.getMessage());
    assertEquals(0, sentence.indexOf("STEWARD_BLOB_S3_" + name), sentence);
    assertFalse(sentence.contains("secret-word"), sentence);
  }

  @ParameterizedTest
  @CsvSource({"PREFIX, a", "REGION, eu-central-1", "ENDPOINT, http://minio", "PATH_STYLE, true"})
  void a_setting_without_a_bucket_is_an_oversight(String name, String value) {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> BlobStores.open(Path.of("blobs"), new Settings(Map.of(name, value))));

    assertEquals(
        "STEWARD_BLOB_S3_"
            + name
            + " is \""
            + value
            + "\" and cannot be used: it is used with STEWARD_BLOB_S3_BUCKET only, which is not"
            + " set.",
        refused.getMessage());
  }
}

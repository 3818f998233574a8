package io.steward.schemas.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest {
  private static final byte[] BYTES = {1, 2, 3};

  private final Path root;
  private final BlobStore store;

  DirectoryBlobStoreTest(@TempDir Path parent) {
    this.root = parent.resolve("blobs");
    this.store = new DirectoryBlobStore(root);
  }

  @Test
  void what_was_put_is_got() throws IOException {
    store.put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store.get("sesn_1/rec_1"));
  }

  @Test
  void putting_the_same_again_has_no_effect_and_leaves_nothing_behind() throws IOException {
    store.put("sesn_1/rec_1", BYTES);
    store.put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store.get("sesn_1/rec_1"));
    try (Stream<Path> files = Files.list(root.resolve("sesn_1"))) {
      assertEquals(List.of("rec_1"), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void a_blob_that_is_not_there_is_missing() throws IOException {
    store.put("sesn_1/rec_2", BYTES);

    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store.open("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store.copy("sesn_1/rec_1", "sesn_1/rec_3"));
  }

  @Test
  void a_directory_that_is_not_there_says_nothing_about_its_blobs() {
    assertFalse(
        assertThrows(IOException.class, () -> store.get("sesn_1/rec_1"))
            instanceof NoSuchFileException);
    assertFalse(
        assertThrows(IOException.class, () -> store.open("sesn_1/rec_1"))
            instanceof NoSuchFileException);
  }

  @Test
  void deleting_takes_everything_under_the_prefix_and_nothing_else() throws IOException {
    store.put("sesn_1/rec_1", BYTES);
    store.put("sesn_1/deeper/rec_2", BYTES);
    store.put("sesn_10/rec_1", BYTES);

    store.deleteAll("sesn_1");

    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/deeper/rec_2"));
    assertArrayEquals(BYTES, store.get("sesn_10/rec_1"));
  }

  @Test
  void deleting_what_was_never_stored_is_fine() throws IOException {
    store.deleteAll("sesn_1");

    assertEquals(false, Files.exists(root));
  }

  @Test
  void a_stream_is_put_and_opened() throws IOException {
    assertEquals(3, store.put("files/file_1", new ByteArrayInputStream(BYTES)));

    try (InputStream content = store.open("files/file_1")) {
      assertArrayEquals(BYTES, content.readAllBytes());
    }
  }

  @Test
  void a_stream_that_breaks_off_leaves_nothing() throws IOException {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(BYTES),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("cut");
              }
            });

    assertThrows(IOException.class, () -> store.put("files/file_1", broken));

    try (Stream<Path> files = Files.list(root.resolve("files"))) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void a_copy_outlives_what_it_was_made_from() throws IOException {
    store.put("files/file_1", BYTES);

    store.copy("files/file_1", "sesn_1/files/file_2");
    store.copy("files/file_1", "sesn_1/files/file_2");
    store.delete("files/file_1");

    assertThrows(NoSuchFileException.class, () -> store.open("files/file_1"));
    assertArrayEquals(BYTES, store.get("sesn_1/files/file_2"));
    try (Stream<Path> files = Files.list(root.resolve("sesn_1/files"))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void writing_a_key_again_does_not_change_its_copies() throws IOException {
    store.put("files/file_1", BYTES);
    store.copy("files/file_1", "sesn_1/files/file_2");

    store.put("files/file_1", new byte[] {4});

    assertArrayEquals(BYTES, store.get("sesn_1/files/file_2"));
  }

  @Test
  void nothing_cannot_be_copied_and_leaves_nothing() throws IOException {
    assertThrows(NoSuchFileException.class, () -> store.copy("files/file_1", "sesn_1/file_2"));

    try (Stream<Path> files = Files.list(root.resolve("sesn_1"))) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void deleting_one_blob_twice_is_fine() throws IOException {
    store.put("files/file_1", BYTES);
    store.put("files/file_2", BYTES);

    store.delete("files/file_1");
    store.delete("files/file_1");

    assertThrows(NoSuchFileException.class, () -> store.open("files/file_1"));
    assertArrayEquals(BYTES, store.get("files/file_2"));
  }

  @Test
  void what_is_being_read_stays_readable_when_it_is_deleted() throws IOException {
    store.put("files/file_1", BYTES);

    try (InputStream content = store.open("files/file_1")) {
      store.delete("files/file_1");
      assertArrayEquals(BYTES, content.readAllBytes());
    }
  }

  @Test
  void a_key_cannot_leave_the_directory() {
    for (String key :
        List.of(
            "", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\n")) {
      assertThrows(IllegalArgumentException.class, () -> store.put(key, BYTES), key);
      assertThrows(IllegalArgumentException.class, () -> store.get(key), key);
      assertThrows(IllegalArgumentException.class, () -> store.open(key), key);
      assertThrows(IllegalArgumentException.class, () -> store.delete(key), key);
      assertThrows(IllegalArgumentException.class, () -> store.copy(key, "a"), key);
      assertThrows(IllegalArgumentException.class, () -> store.copy("a", key), key);
      assertThrows(IllegalArgumentException.class, () -> store.deleteAll(key), key);
    }
  }
}

package io.steward.schemas.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every blob store does.
public abstract class BlobStoreContract {
  private static final byte[] BYTES = {1, 2, 3};

  /// More than two parts of an upload, and no whole number of them.
  private static final int LARGE = 11 * 1024 * 1024 + 7;

  /// A store in which nothing is yet.
  protected abstract BlobStore store();

  /// The same store while what it is made of is away.
  protected abstract BlobStore away() throws IOException;

  /// Everything that takes up room in the store, in order: keys, and what is half written.
  protected abstract List<String> stored() throws IOException;

  @Test
  void what_was_put_is_got() throws IOException {
    store().put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store().get("sesn_1/rec_1"));
  }

  @Test
  void nothing_is_a_blob_too() throws IOException {
    store().put("sesn_1/rec_1", new byte[0]);
    assertEquals(0, store().put("sesn_1/rec_2", InputStream.nullInputStream()));

    assertArrayEquals(new byte[0], store().get("sesn_1/rec_1"));
    assertArrayEquals(new byte[0], store().get("sesn_1/rec_2"));
  }

  @Test
  void putting_the_same_again_has_no_effect_and_leaves_nothing_behind() throws IOException {
    store().put("sesn_1/rec_1", BYTES);
    store().put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store().get("sesn_1/rec_1"));
    assertEquals(List.of("sesn_1/rec_1"), stored());
  }

  @Test
  void a_blob_that_is_not_there_is_missing() throws IOException {
    store().put("sesn_1/rec_2", BYTES);

    assertThrows(NoSuchFileException.class, () -> store().get("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store().open("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store().copy("sesn_1/rec_1", "sesn_1/rec_3"));
    assertEquals(List.of("sesn_1/rec_2"), stored());
  }

  @Test
  void a_store_that_is_away_says_nothing_about_its_blobs() throws IOException {
    BlobStore away = away();

    for (Reading reading : List.<Reading>of(away::get, key -> away.open(key).close())) {
      IOException failure = assertThrows(IOException.class, () -> reading.of("sesn_1/rec_1"));
      assertFalse(failure instanceof NoSuchFileException, failure::toString);
    }
  }

  private interface Reading {
    void of(String key) throws IOException;
  }

  @Test
  void deleting_takes_everything_under_the_prefix_and_nothing_else() throws IOException {
    store().put("sesn_1/rec_1", BYTES);
    store().put("sesn_1/deeper/rec_2", BYTES);
    store().put("sesn_10/rec_1", BYTES);

    store().deleteAll("sesn_1");

    assertEquals(List.of("sesn_10/rec_1"), stored());
  }

  @Test
  void deleting_what_was_never_stored_is_fine() throws IOException {
    store().deleteAll("sesn_1");

    assertEquals(List.of(), stored());
  }

  @Test
  void deleting_one_blob_twice_is_fine() throws IOException {
    store().put("files/file_1", BYTES);
    store().put("files/file_2", BYTES);

    store().delete("files/file_1");
    store().delete("files/file_1");

    assertThrows(NoSuchFileException.class, () -> store().open("files/file_1"));
    assertArrayEquals(BYTES, store().get("files/file_2"));
  }

  @Test
  void a_stream_is_put_and_opened() throws IOException {
    assertEquals(3, store().put("files/file_1", new ByteArrayInputStream(BYTES)));

    try (InputStream content = store().open("files/file_1")) {
      assertEquals(1, content.read());
      assertArrayEquals(new byte[] {2, 3}, content.readAllBytes());
      assertEquals(-1, content.read());
    }
  }

  @Test
  void a_large_stream_arrives_as_it_was() throws IOException {
    byte[] large = new byte[LARGE];
    new Random(1).nextBytes(large);

    assertEquals(LARGE, store().put("files/file_1", new ByteArrayInputStream(large)));

    assertArrayEquals(large, store().get("files/file_1"));
    assertEquals(List.of("files/file_1"), stored());
  }

  @Test
  void a_stream_that_breaks_off_leaves_nothing() throws IOException {
    for (int before : new int[] {3, LARGE}) {
      InputStream broken =
          new SequenceInputStream(
              new ByteArrayInputStream(new byte[before]),
              new InputStream() {
                @Override
                public int read() throws IOException {
                  throw new IOException("cut");
                }
              });

      IOException failure =
          assertThrows(IOException.class, () -> store().put("files/file_1", broken));

      assertEquals("cut", failure.getMessage());
      assertEquals(List.of(), stored());
    }
  }

  @Test
  void a_copy_outlives_what_it_was_made_from() throws IOException {
    store().put("files/file_1", BYTES);

    store().copy("files/file_1", "sesn_1/files/file_2");
    store().copy("files/file_1", "sesn_1/files/file_2");
    store().delete("files/file_1");

    assertThrows(NoSuchFileException.class, () -> store().open("files/file_1"));
    assertArrayEquals(BYTES, store().get("sesn_1/files/file_2"));
    assertEquals(List.of("sesn_1/files/file_2"), stored());
  }

  @Test
  void writing_a_key_again_does_not_change_its_copies() throws IOException {
    store().put("files/file_1", BYTES);
    store().copy("files/file_1", "sesn_1/files/file_2");

    store().put("files/file_1", new byte[] {4});

    assertArrayEquals(BYTES, store().get("sesn_1/files/file_2"));
  }

  @Test
  void nothing_cannot_be_copied_and_leaves_nothing() throws IOException {
    assertThrows(NoSuchFileException.class, () -> store().copy("files/file_1", "sesn_1/file_2"));

    assertEquals(List.of(), stored());
  }

  @Test
  void what_is_being_read_stays_readable_when_it_is_deleted() throws IOException {
    store().put("files/file_1", BYTES);

    try (InputStream content = store().open("files/file_1")) {
      store().delete("files/file_1");
      assertArrayEquals(BYTES, content.readAllBytes());
    }
  }

  @Test
  void a_reader_may_stop_in_the_middle() throws IOException {
    store().put("files/file_1", new ByteArrayInputStream(new byte[LARGE]));

    try (InputStream content = store().open("files/file_1")) {
      assertEquals(0, content.read());
    }

    assertEquals(List.of("files/file_1"), stored());
  }

  @Test
  void a_key_cannot_leave_the_store() {
    for (String key :
        List.of(
            "", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\n")) {
      assertThrows(IllegalArgumentException.class, () -> store().put(key, BYTES), key);
      assertThrows(IllegalArgumentException.class, () -> store().get(key), key);
      assertThrows(IllegalArgumentException.class, () -> store().open(key), key);
      assertThrows(IllegalArgumentException.class, () -> store().delete(key), key);
      assertThrows(IllegalArgumentException.class, () -> store().copy(key, "a"), key);
      assertThrows(IllegalArgumentException.class, () -> store().copy("a", key), key);
      assertThrows(IllegalArgumentException.class, () -> store().deleteAll(key), key);
    }
  }
}

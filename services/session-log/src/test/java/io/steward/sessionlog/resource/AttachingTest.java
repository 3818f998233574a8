package io.steward.sessionlog.resource;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.sessionlog.http.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

/// From a request to resources, and back when it fails: no copy is left that nobody knows of.
class AttachingTest {
  private final CopiedFiles files =
      new CopiedFiles()
          .with("file_1", "text/csv", 7)
          .with("file_2", "text/csv", 8)
          .with("file_old", "text/csv", 9, T0);

  @Test
  void a_session_gets_its_own_copy_under_an_id_of_its_own() {
    try (SessionCopies copies = new SessionCopies(files, ID, T0)) {
      FileResource resource = Attaching.mounted(plan("file_1").getFirst(), copies, T0);
      copies.tell(() -> "done");

      assertNotEquals("file_1", resource.fileId());
      assertTrue(files.copies().contains(resource.fileId()));
      assertEquals("/mnt/session/uploads/file_1", resource.sandboxPath());
      assertEquals(7, resource.attachment().sizeBytes());
    }
    assertEquals(1, files.copies().size());
  }

  @Test
  void a_file_that_is_not_there_is_404_and_one_that_has_expired_400() {
    ApiException missing = assertThrows(ApiException.class, () -> plan("file_x"));
    ApiException expired = assertThrows(ApiException.class, () -> plan("file_old"));

    assertEquals(404, missing.error().status());
    assertTrue(missing.error().message().contains("`resources[0].file_id` is \"file_x\""));
    assertEquals(400, expired.error().status());
    assertTrue(expired.error().message().contains("expired"), expired.error().message());
  }

  @Test
  void a_copy_that_cannot_be_made_leaves_none_behind() {
    files.failingAfter(1);

    assertThrows(
        IllegalStateException.class,
        () -> {
          try (SessionCopies copies = new SessionCopies(files, ID, T0)) {
            for (ResourcePlan.MountFile step : plan("file_1", "file_2")) {
              Attaching.mounted(step, copies, T0);
            }
          }
        });

    assertEquals(0, files.copies().size());
  }

  @Test
  void a_refused_request_leaves_no_copy_and_an_unanswered_one_does() {
    tell(ApiError.invalid("taken"));
    assertEquals(0, files.copies().size());

    tell(ApiError.notFound("deleted"));
    assertEquals(0, files.copies().size());

    tell(ApiError.unavailable("perhaps"));
    assertEquals(1, files.copies().size());
  }

  @Test
  void what_the_log_may_have_granted_stays_whatever_failed_then() {
    tell(ApiError.internal());
    assertEquals(1, files.copies().size());

    tell(new IllegalStateException("the database failed"));
    assertEquals(2, files.copies().size());
  }

  @Test
  void files_are_mounted_as_long_as_a_sandbox_takes_them() {
    ResourcePlan plan = new ResourcePlan(List.copyOf(plan("file_1", "file_2")));

    assertEquals(plan, plan.requireRoom(5, 20));
    ApiException refused = assertThrows(ApiException.class, () -> plan.requireRoom(6, 20));
    assertEquals(400, refused.error().status());
    assertEquals(
        "The files of the session would have 21 bytes together, but a session may mount at most"
            + " 20.",
        refused.error().message());
  }

  private void tell(ApiError answer) {
    tell(new ApiException(answer));
  }

  private void tell(RuntimeException failure) {
    assertThrows(
        RuntimeException.class,
        () -> {
          try (SessionCopies copies = new SessionCopies(files, ID, T0)) {
            Attaching.mounted(plan("file_1").getFirst(), copies, T0);
            copies.tell(() -> {
              throw failure;
            });
          }
        });
  }

  private List<ResourcePlan.MountFile> plan(String... ids) {
    String list =
        String.join(
            ",",
            List.of(ids).stream().map(id -> "{'type':'file','file_id':'" + id + "'}").toList());
    List<ResourceRequest> requests =
        ResourceParser.of(List.of("github.com"))
            .created(new Field("", json("{'resources':[" + list + "]}")).field("resources"));
    return ResourcePlan.of(requests, new NamedFiles(files::find, T0)).steps().stream()
        .map(ResourcePlan.MountFile.class::cast)
        .toList();
  }
}

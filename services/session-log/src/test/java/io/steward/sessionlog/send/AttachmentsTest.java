package io.steward.sessionlog.send;

import static io.steward.sessionlog.Samples.ID;
import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.sessionlog.resource.CopiedFiles;
import io.steward.sessionlog.resource.NamedFiles;
import io.steward.sessionlog.resource.SessionCopies;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttachmentsTest {
  private static final int MB = 1024 * 1024;

  private final EventParser parser = new EventParser(() -> "sevt_1");
  private final CopiedFiles files =
      new CopiedFiles()
          .with("file_png", "image/png", 5 * MB)
          .with("file_png_large", "image/png", 5 * MB + 1)
          .with("file_tiff", "image/tiff", 1)
          .with("file_pdf", "application/pdf", 32 * MB)
          .with("file_pdf_large", "application/pdf", 32 * MB + 1)
          .with("file_csv", "Text/CSV; charset=utf-8", 4 * MB)
          .with("file_txt_large", "text/plain", 4 * MB + 1)
          .with("file_zip", "application/zip", 1)
          .with("file_old", "image/png", 1, T0);

  @Test
  void every_file_is_copied_once_and_the_event_stays_as_it_was_sent() {
    List<ClientEvent> events =
        sent(
            message(image("file_png"), document("file_pdf"), image("file_png")),
            "{'type':'user.custom_tool_result','custom_tool_use_id':'a','content':["
                + document("file_csv")
                + "]}");

    Map<String, Attachment> attachments = attach(events, Set.of());

    assertEquals(Set.of("file_png", "file_pdf", "file_csv"), attachments.keySet());
    assertEquals(3, files.copies().size());
    assertEquals(
        "file_png", Json.tree((Object) events.getFirst()).at("/content/0/source/file_id").asText());
  }

  @Test
  void what_the_session_has_is_not_copied_again() {
    assertEquals(Set.of(), attach(sent(message(image("file_png"))), Set.of("file_png")).keySet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image | file_x | there is no file with that id",
        "image | file_old | has expired",
        "image | file_png_large | 5,242,881 bytes, but may have 5,242,880",
        "image | file_tiff | its type is image/tiff",
        "image | file_pdf | its type is application/pdf",
        "document | file_png | its type is image/png",
        "document | file_zip | its type is application/zip",
        "document | file_pdf_large | may have 33,554,432",
        "document | file_txt_large | may have 4,194,304"
      })
  void a_file_that_cannot_be_shown_to_a_model_is_refused(String type, String id, String expected) {
    List<ClientEvent> events = sent(message("{'type':'text','text':'a'}", block(type, id)));

    ApiException refused = assertThrows(ApiException.class, () -> attach(events, Set.of()));

    String message = refused.error().message();
    assertEquals(400, refused.error().status());
    assertTrue(message.contains("`events[0].content[1].source.file_id` is \"" + id), message);
    assertTrue(message.contains(expected), message);
    assertEquals(0, files.copies().size());
  }

  @Test
  void a_request_names_at_most_100_files_as_documents() {
    assertEquals(100, references(100).size());
    ApiException refused = assertThrows(ApiException.class, () -> references(101));
    assertTrue(refused.error().message().contains("101 documents"), refused.error().message());
  }

  private List<FileReference> references(int count) {
    return FileReference.of(
        "events",
        sent(message(Collections.nCopies(count, document("file_pdf")).toArray(new String[0]))));
  }

  private Map<String, Attachment> attach(List<ClientEvent> events, Set<String> present) {
    try (SessionCopies copies = new SessionCopies(files, ID, T0)) {
      Map<String, Attachment> attachments =
          Attachments.copy(
              Attachments.find(
                  FileReference.of("events", events), present, new NamedFiles(files::find, T0)),
              copies);
      return copies.tell(() -> attachments);
    }
  }

  private List<ClientEvent> sent(String... events) {
    return parser.sent(json("{'events':[" + String.join(",", events) + "]}"), T0);
  }

  private static String message(String... blocks) {
    return "{'type':'user.message','content':[" + String.join(",", blocks) + "]}";
  }

  private static String image(String fileId) {
    return block("image", fileId);
  }

  private static String document(String fileId) {
    return block("document", fileId);
  }

  private static String block(String type, String fileId) {
    return "{'type':'" + type + "','source':{'type':'file','file_id':'" + fileId + "'}}";
  }
}

package io.steward.vaultproxy.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.ContentBlock.Document;
import io.steward.schemas.event.ContentBlock.Image;
import io.steward.schemas.event.ContentBlock.Source;
import io.steward.schemas.event.ContentBlock.Text;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.stage.McpSite;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultContentTest {
  private static List<ContentBlock> blocks(String result) {
    JsonNode tree = Json.tree(McpSite.json(result).getBytes(StandardCharsets.UTF_8));
    return ResultContent.answer(
            tree, false, bytes -> new String(bytes, StandardCharsets.UTF_8).contains("secret"))
        .content();
  }

  private static ContentBlock block(String block) {
    List<ContentBlock> blocks = blocks("{'content':[" + block + "]}");
    assertEquals(1, blocks.size(), blocks.toString());
    return blocks.getFirst();
  }

  @Test
  void what_a_model_can_look_at_stays_what_it_is() {
    assertEquals(new Text("hello"), block("{'type':'text','text':'hello'}"));
    assertEquals(
        new Image(new Source.Base64("image/png", "aGk=")),
        block("{'type':'image','mimeType':'image/PNG','data':'aGk='}"));
    assertEquals(
        new Document(new Source.PlainText("text/plain", "x = 1"), "file:///a.py", null),
        block("{'type':'resource','resource':{'uri':'file:///a.py','text':'x = 1'}}"));
    assertEquals(
        new Document(new Source.Base64("application/pdf", "aGk="), "a:b", null),
        block(
            "{'type':'resource','resource':{'uri':'a:b','mimeType':'application/pdf',"
                + "'blob':'aGk='}}"));
    assertEquals(
        new Image(new Source.Base64("image/gif", "aGk=")),
        block("{'type':'resource','resource':{'uri':'a:b','mimeType':'image/gif','blob':'aGk='}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'type':'audio','mimeType':'audio/wav','data':'aGk='}"
            + "|[Audio of type audio/wav, which cannot be heard here.]",
        "{'type':'resource_link','name':'N','uri':'https://a/b'}"
            + "|[Link to the resource N: https://a/b]",
        "{'type':'image','mimeType':'image/svg+xml','data':'aGk='}"
            + "|[An image of type image/svg+xml, which cannot be shown.]",
        "{'type':'image','mimeType':'image/png','data':'no base64'}"
            + "|[An image of type image/png, which cannot be shown.]",
        "{'type':'image','mimeType':'image/png','data':'c2VjcmV0'}"
            + "|[An image of type image/png, which cannot be shown.]",
        "{'type':'resource','resource':{'uri':'a:b','mimeType':'application/zip','blob':'aGk='}}"
            + "|[The resource a:b of type application/zip, which cannot be shown.]",
        "{'type':'resource','resource':{'uri':'a:b','text':''}}|[The resource a:b, which is empty.]",
        "{'type':'hologram'}|[Content of the type \"\"hologram\"\", which cannot be shown.]",
        "{'type':'text','text':''}|(no content)"
      })
  void what_it_cannot_look_at_is_named(String block, String text) {
    assertEquals(new Text(text.replace("\"\"", "\"")), block(block));
  }

  @Test
  void nothing_is_said_to_be_nothing() {
    assertEquals(List.of(new Text("(no content)")), blocks("{}"));
    assertEquals(List.of(new Text("(no content)")), blocks("{'content':[]}"));
  }

  @Test
  void structured_content_is_shown_unless_a_text_says_the_same() {
    assertEquals(
        List.of(new Text("{\"a\":1}")), blocks("{'content':[],'structuredContent':{'a':1}}"));
    assertEquals(
        List.of(new Text("{ \"a\" : 1 }")),
        blocks(
            "{'content':[{'type':'text','text':'{ \\\"a\\\" : 1 }'}],"
                + "'structuredContent':{'a':1}}"));
    assertEquals(
        List.of(new Text("one"), new Text("{\"a\":1}")),
        blocks("{'content':[{'type':'text','text':'one'}],'structuredContent':{'a':1}}"));
  }

  @Test
  void a_long_text_is_cut_and_its_length_is_told() {
    String half = "h".repeat(60_000);
    List<ContentBlock> blocks =
        blocks(
            "{'content':[{'type':'text','text':'%s'},{'type':'text','text':'%s'},{'type':'text','text':'%s'}]}"
                .formatted(half, half, half));
    assertEquals(List.of(new Text(half), new Text("h".repeat(40_000))), blocks);
  }

  @Test
  void only_so_many_blocks_are_shown() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 103; i++) {
      many.add("{'type':'text','text':'t'}");
    }
    List<ContentBlock> blocks = blocks("{'content':[" + String.join(",", many) + "]}");
    assertEquals(McpLimits.BLOCKS_MAX + 1, blocks.size());
    assertEquals(new Text("[3 more pieces of content are left out.]"), blocks.getLast());
  }
}

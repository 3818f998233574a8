package io.steward.harness.model.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.harness.model.Ask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiMessagesTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "texts are joined"
            + "|[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]"
            + "|[{'role':'user','content':'a\\n\\nb'}]",
        "a call keeps its id, thinking goes"
            + "|[{'role':'assistant','content':[{'type':'thinking','thinking':'t','signature':'s'},"
            + "{'type':'text','text':'a'},{'type':'tool_use','id':'c','name':'n','input':{'x':1}}]}]"
            + "|[{'role':'assistant','content':'a','tool_calls':[{'id':'c','type':'function',"
            + "'function':{'name':'n','arguments':'{\\\"x\\\":1}'}}]}]",
        "a call without a text"
            + "|[{'role':'assistant','content':[{'type':'tool_use','id':'c','name':'n','input':{}}]}]"
            + "|[{'role':'assistant','content':null,'tool_calls':[{'id':'c','type':'function',"
            + "'function':{'name':'n','arguments':'{}'}}]}]",
        "thinking alone is nothing"
            + "|[{'role':'assistant','content':[{'type':'thinking','thinking':'','signature':''}]}]"
            + "|[]",
        "results come first, one message each"
            + "|[{'role':'user','content':[{'type':'tool_result','tool_use_id':'c','content':"
            + "[{'type':'text','text':'r'}],'cache_control':{'type':'ephemeral'}},"
            + "{'type':'tool_result','tool_use_id':'d','is_error':true,'content':'e'},"
            + "{'type':'text','text':'go on'}]}]"
            + "|[{'role':'tool','tool_call_id':'c','content':'r'},"
            + "{'role':'tool','tool_call_id':'d','content':'Error: e'},"
            + "{'role':'user','content':'go on'}]",
        "an image of a result follows it"
            + "|[{'role':'user','content':[{'type':'tool_result','tool_use_id':'c','content':"
            + "[{'type':'image','source':{'type':'base64','media_type':'image/png','data':'AA=='}}]}]}]"
            + "|[{'role':'tool','tool_call_id':'c','content':"
            + "'(What else the result holds follows in a message of the user.)'},"
            + "{'role':'user','content':[{'type':'text','text':"
            + "'The result of the call c also holds:'},"
            + "{'type':'image_url','image_url':{'url':'data:image/png;base64,AA=='}}]}]",
        "an image by its address"
            + "|[{'role':'user','content':[{'type':'image','source':{'type':'url','url':'https://x/y.png'}}]}]"
            + "|[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://x/y.png'}}]}]",
        "a PDF is a file"
            + "|[{'role':'user','content':[{'type':'document','title':'r.pdf','source':"
            + "{'type':'base64','media_type':'application/pdf','data':'AA=='}}]}]"
            + "|[{'role':'user','content':[{'type':'file','file':{'filename':'r.pdf',"
            + "'file_data':'data:application/pdf;base64,AA=='}}]}]",
        "a document of text is text"
            + "|[{'role':'user','content':[{'type':'document','title':'t','context':'c','source':"
            + "{'type':'text','media_type':'text/plain','data':'d'}}]}]"
            + "|[{'role':'user','content':'<document>\\nTitle: t\\nContext: c\\nd\\n</document>'}]",
        "a search result is text"
            + "|[{'role':'user','content':[{'type':'tool_result','tool_use_id':'c','content':"
            + "[{'type':'search_result','title':'t','source':'s','content':[{'type':'text','text':'x'}]}]}]}]"
            + "|[{'role':'tool','tool_call_id':'c','content':"
            + "'<search_result>\\nTitle: t\\nSource: s\\nx\\n</search_result>'}]"
      })
  void messages_are_translated(String name, String given, String expected) {
    assertEquals(
        Ask.json(expected.replace('\'', '"')),
        OpenAiMessages.of(null, Ask.json(given.replace('\'', '"'))),
        name);
  }
}

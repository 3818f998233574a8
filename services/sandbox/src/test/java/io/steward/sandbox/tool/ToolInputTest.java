package io.steward.sandbox.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.steward.schemas.json.Json;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolInputTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bash  | {}                                  | bash: command is required",
        "bash  | {'command':''}                      | bash: command is required",
        "bash  | {'command':5}                       | bash: command must be a string, got 5",
        "bash  | {'command':['x']}                   | bash: command must be a string, got ['x']",
        "bash  | {'command':'x','restart':'yes'}     | bash: restart must be a boolean, got 'yes'",
        "bash  | {'command':'x','timeout_ms':1.5}    | bash: timeout_ms must be an integer, got 1.5",
        "bash  | {'command':'x','timeout_ms':600001} | bash: timeout_ms must be from 0 to 600000, got 600001",
        "bash  | {'command':'x','timeout_ms':-1}     | bash: timeout_ms must be from 0 to 600000, got -1",
        "bash  | []                                  | bash: the input must be a JSON object",
        "read  | {}                                  | read: file_path is required",
        "read  | {'file_path':''}                    | read: file_path is required and must not be empty",
        "read  | {'file_path':'a','view_range':[1]}  | read: view_range must be [start_line, end_line], two integers, got [1]",
        "read  | {'file_path':'a','view_range':'1'}  | read: view_range must be [start_line, end_line], two integers, got '1'",
        "read  | {'file_path':'a\\u0000b'}           | read: file_path must not contain NUL characters",
        "write | {'file_path':'a'}                   | write: content is required",
        "edit  | {'file_path':'a','new_string':''}   | edit: old_string is required",
        "edit  | {'file_path':'a','old_string':'','new_string':''} | edit: old_string is required and must not be empty",
        "glob  | {'pattern':'/etc/*'}                | glob: absolute pattern not permitted; pass a relative pattern (and optionally path)",
        "glob  | {'pattern':'a/{b,..}/c'}            | glob: '..' is not permitted in the pattern",
        "grep  | {'path':'a'}                        | grep: pattern is required",
        "shell | {'command':'x'}                     | shell: there is no such tool here; there are bash, read, write, edit, glob and grep",
      })
  void a_wrong_input_is_told_with_field_and_rule(String tool, String input, String message)
      throws JsonProcessingException {
    ToolRequest request = ToolInput.parse(tool, Json.mapper().readTree(input.replace('\'', '"')));

    assertEquals(new ToolRequest.Invalid(message.replace('\'', '"')), request);
  }

  @Test
  void absent_is_null_is_default_and_unknown_fields_are_ignored() throws JsonProcessingException {
    ToolRequest request =
        ToolInput.parse(
            "bash",
            Json.mapper()
                .readTree("{\"command\":\"x\",\"restart\":null,\"timeout_ms\":0,\"more\":1}"));

    assertEquals(new ToolRequest.Bash(Optional.of("x"), false, OptionalLong.empty()), request);
  }

  @Test
  void a_missing_input_is_told() {
    assertEquals(
        new ToolRequest.Invalid("bash: the input must be a JSON object"),
        ToolInput.parse("bash", null));
  }
}

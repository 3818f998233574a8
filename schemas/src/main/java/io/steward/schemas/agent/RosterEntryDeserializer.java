package io.steward.schemas.agent;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/// Tells roster entries apart: `advisor` by its type, a snapshot from a reference by its name.
final class RosterEntryDeserializer extends JsonDeserializer<Multiagent.RosterEntry> {
  @Override
  public Multiagent.RosterEntry deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode node = context.readTree(parser);
    return node.path("type").asText().equals("advisor")
        ? context.readTreeAsValue(node, Multiagent.Advisor.class)
        : MemberDeserializer.member(node, context);
  }
}

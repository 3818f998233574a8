package io.steward.schemas.agent;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/// Tells a snapshot from a reference: only the snapshot has a name.
final class MemberDeserializer extends JsonDeserializer<Multiagent.Member> {
  @Override
  public Multiagent.Member deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    return member(context.readTree(parser), context);
  }

  static Multiagent.Member member(JsonNode node, DeserializationContext context)
      throws IOException {
    return node.has("name")
        ? context.readTreeAsValue(node, ThreadAgent.class)
        : context.readTreeAsValue(node, Multiagent.AgentReference.class);
  }
}

package io.steward.sessionlog.diagnose;

import io.steward.sessionlog.log.KafkaClients;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jboss.logging.Logger;

/// Asks Kafka how services stand with what they have to read.
@Singleton
class KafkaServices {
  private static final Logger LOG = Logger.getLogger(KafkaServices.class);
  private static final long ANSWER_SECONDS_MAX = 3;

  private final Admin admin;

  KafkaServices(KafkaClients clients) {
    this.admin = clients.admin();
  }

  @PreDestroy
  void stop() {
    admin.close();
  }

  /// Whether an instance has the partition, and how far it is.
  ///
  /// @return unknown when Kafka does not answer in time, or must not
  Service.State state(Service service, int partition) {
    TopicPartition place = new TopicPartition(service.topic(), partition);
    String group = service.group();
    try {
      var described = admin.describeConsumerGroups(List.of(group)).all();
      var committed =
          admin
              .listConsumerGroupOffsets(
                  Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(place))))
              .partitionsToOffsetAndMetadata(group);
      var end = admin.listOffsets(Map.of(place, OffsetSpec.latest())).partitionResult(place);
      ConsumerGroupDescription members = await(described).get(group);
      if (members == null || !reads(members, place)) {
        return new Service.State.Absent();
      }
      OffsetAndMetadata stands = await(committed).get(place);
      long behind = stands == null ? 0 : await(end).offset() - stands.offset();
      return new Service.State.Reading(Math.max(0, behind));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return new Service.State.Absent();
      }
      LOG.debugf("Kafka does not say who reads %s: %s", place, e.getCause());
    } catch (TimeoutException e) {
      LOG.debugf("Kafka does not say in time who reads %s", place);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Service.State.Unknown();
  }

  private static boolean reads(ConsumerGroupDescription group, TopicPartition place) {
    return group.members().stream()
        .anyMatch(member -> member.assignment().topicPartitions().contains(place));
  }

  private static <T> T await(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
  }
}

import java.nio.ByteBuffer;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.common.TopicPartition;

/** Asks the assignors of Kafka's consumer and writes what they answer; see README.md. */
@SuppressWarnings("removal")
public class ClientAssignors {
    static final Random random = new Random(429);
    static final Map<String, Integer> counts = new TreeMap<>();
    static List<String> members = new ArrayList<>();
    static Map<String, String> instances = new HashMap<>();
    static Map<String, List<String>> topics = new HashMap<>();
    static Map<String, List<TopicPartition>> owned = new HashMap<>();
    static Map<String, Integer> generations = new HashMap<>();
    static Map<String, AbstractPartitionAssignor> own = new HashMap<>();
    static int generation;

    static AbstractPartitionAssignor make(int kind) {
        switch (kind) {
            case 0: return new RangeAssignor();
            case 1: return new RoundRobinAssignor();
            case 2: return new StickyAssignor();
            default: return new CooperativeStickyAssignor();
        }
    }

    public static void main(String[] args) {
        for (int chain = 0; chain < 160; chain++) {
            int kind = chain % 10 < 1 ? 0 : chain % 10 < 2 ? 1 : chain % 10 < 5 ? 2 : 3;
            boolean same = random.nextInt(3) == 0;
            AbstractPartitionAssignor leader = make(kind);
            for (Map<?, ?> map : List.of(counts, instances, topics, owned, generations, own)) map.clear();
            members.clear();
            System.out.println("chain");
            generation = random.nextInt(3);
            int topicCount = 1 + random.nextInt(6);
            for (int i = 0; i < topicCount; i++) counts.put("topic" + random.nextInt(1000), 1 + random.nextInt(chain % 5 == 4 ? 40 : 9));
            int memberCount = 1 + random.nextInt(chain % 7 == 6 ? 24 : 6);
            for (int i = 0; i < memberCount; i++) join(kind, same);
            for (int step = 0; step < 6; step++) {
                try {
                    ask(leader, kind);
                } catch (NullPointerException theirs) {  // a previous owner that may not change any more
                    break;
                }
                change(kind, same);
            }
        }
    }

    static void join(int kind, boolean same) {
        String id = "c-" + new UUID(random.nextLong(), random.nextLong());
        members.add(id);
        if (random.nextInt(5) == 0) instances.put(id, "i" + random.nextInt(1000000));
        subscribe(id, same);
        own.put(id, make(kind));
    }

    static void subscribe(String id, boolean same) {
        List<String> list = new ArrayList<>();
        for (String topic : counts.keySet()) if (same || random.nextInt(3) > 0) list.add(topic);
        if (random.nextInt(9) == 0) list.add("missing");
        Collections.shuffle(list, random);
        topics.put(id, list);
    }

    static void change(int kind, boolean same) {
        for (int times = 1 + random.nextInt(2); times > 0; times--) {
            switch (random.nextInt(6)) {
                case 0: case 1: join(kind, same); break;
                case 2: if (members.size() > 1) members.remove(random.nextInt(members.size())); break;
                case 3: counts.replaceAll((topic, count) -> count + random.nextInt(3)); break;
                case 4:  // one that was away comes with what it had then
                    if (members.size() > 2) {
                        String late = members.get(random.nextInt(members.size()));
                        generations.put(late, generation - 1);
                        owned.put(late, new ArrayList<>(owned.getOrDefault(members.get(random.nextInt(members.size())), List.of())));
                        own.get(late).onAssignment(new Assignment(owned.get(late)), new ConsumerGroupMetadata("g", generation - 1, late, Optional.empty()));
                    }
                    break;
                default:
                    if (counts.size() > 1 && random.nextBoolean()) counts.remove(counts.keySet().iterator().next());
                    else counts.put("topic" + random.nextInt(1000), 1 + random.nextInt(9));
                    for (String id : members) subscribe(id, same);
            }
        }
    }

    static void ask(AbstractPartitionAssignor leader, int kind) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        Set<String> wanted = new HashSet<>();
        StringBuilder asked = new StringBuilder("ask " + leader.name() + "\n");
        StringBuilder said = new StringBuilder();
        for (String id : members) {
            ByteBuffer data = own.get(id).subscriptionUserData(new TreeSet<>(topics.get(id)));
            List<TopicPartition> has = kind == 2 ? List.of() : owned.getOrDefault(id, List.of());
            boolean old = random.nextInt(8) == 0;  // a client that does not tell its generation
            Optional<Integer> at = old || !generations.containsKey(id) ? Optional.empty() : Optional.of(generations.get(id));
            Subscription subscription = new Subscription(topics.get(id), data == null ? null : data.duplicate(), has,
                at.orElse(-1), Optional.empty());
            subscription.setGroupInstanceId(Optional.ofNullable(instances.get(id)));
            subscriptions.put(id, subscription);
            wanted.addAll(topics.get(id));
            said.append("member ").append(id).append(' ').append(instances.getOrDefault(id, "-")).append(' ')
                .append(subscription.generationId().map(Object::toString).orElse("-")).append(' ')
                .append(topics.get(id).isEmpty() ? "-" : String.join(",", topics.get(id))).append(' ').append(show(has)).append(' ')
                .append(data == null ? "-" : HexFormat.of().formatHex(data.array())).append('\n');
        }
        Map<String, Integer> known = new HashMap<>();
        counts.forEach((topic, count) -> {
            if (!wanted.contains(topic)) return;
            known.put(topic, count);
            asked.append("topic ").append(topic).append(' ').append(count).append('\n');
        });
        Map<String, List<TopicPartition>> answer = leader.assign(known, subscriptions);
        System.out.print(asked.toString() + said);
        generation++;
        for (String id : members) {
            List<TopicPartition> got = answer.get(id);
            System.out.println("gets " + id + " " + show(got));
            owned.put(id, got);
            generations.put(id, generation);
            own.get(id).onAssignment(new Assignment(got), new ConsumerGroupMetadata("g", generation, id, Optional.empty()));
        }
    }

    static String show(List<TopicPartition> list) {
        StringJoiner all = new StringJoiner(",");
        List<TopicPartition> sorted = new ArrayList<>(list);
        sorted.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        sorted.forEach(p -> all.add(p.toString()));
        return list.isEmpty() ? "-" : all.toString();
    }
}

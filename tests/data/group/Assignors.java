import java.util.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.*;
import org.apache.kafka.coordinator.group.assignor.*;
import org.apache.kafka.coordinator.group.modern.*;

/** Asks Kafka's server-side assignors and writes what they answer; see README.md. */
public class Assignors {
    static final Random random = new Random(848);
    static final Map<Uuid, Integer> counts = new LinkedHashMap<>();
    static Map<String, Optional<String>> members = new HashMap<>();
    static Map<String, Set<Uuid>> subscriptions = new HashMap<>();
    static Map<String, Assignment> current = new HashMap<>();

    public static void main(String[] args) {
        for (int chain = 0; chain < 60; chain++) {
            boolean same = chain % 2 == 0;
            ConsumerGroupPartitionAssignor assignor = chain % 3 == 0 ? new RangeAssignor() : new UniformAssignor();
            counts.clear();
            members.clear();
            subscriptions.clear();
            current.clear();
            int topics = 1 + random.nextInt(7);
            for (int i = 0; i < topics; i++) counts.put(uuid(), 1 + random.nextInt(chain % 5 == 4 ? 90 : 12));
            int memberCount = 1 + random.nextInt(chain % 7 == 6 ? 40 : 8);
            for (int i = 0; i < memberCount; i++) join(same);
            for (int step = 0; step < 4; step++) {
                ask(assignor, same);
                change(same);
            }
        }
    }

    static Uuid uuid() { return new Uuid(random.nextLong(), random.nextLong()); }

    static void join(boolean same) {
        String id = new UUID(random.nextLong(), random.nextLong()).toString();
        members.put(id, random.nextInt(5) == 0 ? Optional.of("i" + random.nextInt(1000000)) : Optional.empty());
        subscribe(id, same);
    }

    static void subscribe(String id, boolean same) {
        Set<Uuid> topics = new LinkedHashSet<>();
        for (Uuid topic : sorted(counts.keySet())) if (same || random.nextInt(3) > 0) topics.add(topic);
        subscriptions.put(id, topics);
    }

    static List<Uuid> sorted(Collection<Uuid> ids) {
        List<Uuid> all = new ArrayList<>(ids);
        all.sort((a, b) -> {
            int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
            return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
        });
        return all;
    }

    static void change(boolean same) {
        switch (random.nextInt(4)) {
            case 0: join(same); break;
            case 1:
                if (members.size() > 1) {
                    String gone = new TreeSet<>(members.keySet()).first();
                    members.remove(gone);
                    subscriptions.remove(gone);
                    current.remove(gone);
                }
                break;
            case 2: counts.replaceAll((topic, count) -> count + random.nextInt(4)); break;
            default:
                if (counts.size() > 1 && random.nextBoolean()) counts.remove(counts.keySet().iterator().next());
                else counts.put(uuid(), 1 + random.nextInt(9));
                for (String id : new TreeSet<>(members.keySet())) subscribe(id, same);
        }
    }

    static void ask(ConsumerGroupPartitionAssignor assignor, boolean same) {
        Map<String, MemberSubscriptionAndAssignmentImpl> specs = new HashMap<>();
        Map<Uuid, Map<Integer, String>> inverted = new HashMap<>();
        for (String id : new TreeSet<>(members.keySet())) {
            Assignment has = current.getOrDefault(id, Assignment.EMPTY);
            specs.put(id, new MemberSubscriptionAndAssignmentImpl(Optional.empty(), members.get(id), subscriptions.get(id), has));
            has.partitions().forEach((topic, parts) -> parts.forEach(p ->
                inverted.computeIfAbsent(topic, t -> new HashMap<>()).put(p, id)));
        }
        System.out.println("ask " + assignor.name() + (same ? " homogeneous" : " heterogeneous"));
        counts.forEach((topic, count) -> System.out.println("topic " + topic + " " + count));
        specs.forEach((id, spec) -> System.out.println("member " + id + " " + members.get(id).orElse("-") + " "
            + list(subscriptions.get(id)) + " " + show(spec.partitions())));
        GroupAssignment answer = assignor.assign(new GroupSpecImpl(Collections.unmodifiableMap(specs),
            same ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS, inverted, Optional.empty()),
            new SubscribedTopicDescriber() {
                public int numPartitions(Uuid id) { return counts.getOrDefault(id, -1); }
                public Set<String> racksForPartition(Uuid id, int p) { return Set.of(); }
                public Set<Integer> assignablePartitions(Uuid id) {
                    Set<Integer> all = new HashSet<>();
                    for (int i = 0; i < numPartitions(id); i++) all.add(i);
                    return all;
                }
            });
        current = new HashMap<>();
        for (String id : new TreeSet<>(members.keySet())) {
            MemberAssignment got = answer.members().get(id);
            Map<Uuid, Set<Integer>> parts = new HashMap<>();
            if (got != null) {
                for (Uuid topic : sorted(got.partitions().keySet())) {
                    parts.put(topic, new HashSet<>(new ArrayList<>(new TreeSet<>(got.partitions().get(topic)))));
                }
            }
            current.put(id, new Assignment(parts));
            System.out.println("gets " + id + " " + show(parts));
        }
    }

    static String list(Set<Uuid> topics) {
        StringJoiner all = new StringJoiner(",");
        topics.forEach(topic -> all.add(topic.toString()));
        return topics.isEmpty() ? "-" : all.toString();
    }

    static String show(Map<Uuid, Set<Integer>> parts) {
        StringJoiner all = new StringJoiner(";");
        for (Uuid topic : sorted(parts.keySet())) {
            StringJoiner numbers = new StringJoiner(",");
            new TreeSet<>(parts.get(topic)).forEach(p -> numbers.add(p.toString()));
            all.add(topic + ":" + numbers);
        }
        return parts.isEmpty() ? "-" : all.toString();
    }
}

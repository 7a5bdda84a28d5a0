// A list that each thread makes on the heap, walks and frees.
struct Node {
    int value;
    Node* next;
};
template <bool broken>
__global__ void heap(int* y) {
    Node* first = nullptr;
    for (int i = 0; i < 4; ++i) first = new Node{i + int(threadIdx.x), first};
    int sum = 0;
    while (first != nullptr) {
        Node* const node = first;
        first = node->next;
        delete node;
        sum += broken ? *(volatile int*)&node->value : 0;
    }
    y[threadIdx.x] = sum + threadIdx.x;
}

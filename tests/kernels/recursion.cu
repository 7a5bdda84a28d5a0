// Fibonacci numbers by recursion; the broken one goes deeper than any stack.
template <bool broken>
__device__ __noinline__ int fibonacci(int n) {
    if (n < (broken ? -1000000 : 2)) return n;
    return fibonacci<broken>(n - 1) + fibonacci<broken>(n - 2);
}
template <bool broken>
__global__ void recursion(int* y) {
    y[threadIdx.x] = fibonacci<broken>(threadIdx.x);
}

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What can be called with one input.</summary>
        public interface IModule<T, TResult> { TResult call(T input1); }

        /// <summary>What can be called with two inputs.</summary>
        public interface IModule<T1, T2, TResult> { TResult call(T1 input1, T2 input2); }

        /// <summary>What can be called with three inputs.</summary>
        public interface IModule<T1, T2, T3, TResult> { TResult call(T1 input1, T2 input2, T3 input3); }

        /// <summary>A module of one input.</summary>
        public abstract class Module<T1, TResult> : Module, IModule<T1, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input);

            public TResult call(T1 input) => forward(input);
        }

        /// <summary>A module of two inputs.</summary>
        public abstract class Module<T1, T2, TResult> : Module, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }

        /// <summary>A module of three inputs.</summary>
        public abstract class Module<T1, T2, T3, TResult> : Module, IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            public TResult call(T1 input1, T2 input2, T3 input3) => forward(input1, input2, input3);
        }
    }
}
